#pragma once

#include <boost/system/result.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "sidecar/health/verdict.hpp"

namespace sidecar::kube {

/// Why a call has no snapshot.
struct failure {
  health::reason why;                                 ///< one of the api_* reasons
  std::string detail;                                 ///< for the log; may contain foreign text; never sent to a client
  std::optional<std::chrono::seconds> retry_after{};  ///< the minimum time to the next call; at most 5 s
};

/// A T, or why there is none. error() returns a copy: no view of its detail outlives the expression.
template <class T>
using outcome = boost::system::result<T, failure>;

/// Why there is no T; empty: there is one.
template <class T>
std::optional<health::reason> failure_reason(const outcome<T>& found) {
  if (found) return std::nullopt;
  return found.error().why;
}

/// For a response that is none about our pod (api_protocol).
inline failure protocol_failure(std::string detail) { return {health::reason::api_protocol, std::move(detail), {}}; }

}  // namespace sidecar::kube
