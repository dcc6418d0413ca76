#pragma once

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

/// For a response that is none about our pod (api_protocol).
inline failure protocol_failure(std::string detail) { return {health::reason::api_protocol, std::move(detail), {}}; }

}  // namespace sidecar::kube
