#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "sidecar/base/clock.hpp"
#include "sidecar/health/evaluate.hpp"
#include "sidecar/health/verdict.hpp"

namespace sidecar::kube {

/// What one GET taught us of the pod, dated at the moment that GET's first byte was about to be written.
struct observation {
  health::pod_truth truth;
  time_point started;
};

/// Why a GET taught us nothing.
struct failure {
  health::reason why;                                 ///< one of the api_* reasons
  std::string detail;                                 ///< for the log: may hold foreign text, never sent to a client
  std::optional<std::chrono::seconds> retry_after{};  ///< do not call again before; at most 5 s
};

/// Of an answer that cannot be one about our pod (api_protocol).
inline failure protocol_failure(std::string detail) { return {health::reason::api_protocol, std::move(detail), {}}; }

using fetch_result = std::variant<observation, failure>;

/// Learns the pod's state from the API server. The one interface between the decisions and the network, so that tests
/// can put a script in its place.
class pod_source {
 public:
  virtual ~pod_source() = default;

  /// One call. Invokes `seal` exactly once if it gets so far, just before the request's first byte is written: whoever
  /// asks after that must wait for another call. Completes within the configured API_TIMEOUT of its start, whatever the
  /// peer does, and never throws. At most one call at a time; the caller sees to that.
  virtual boost::asio::awaitable<fetch_result> fetch_pod(std::function<void()> seal) = 0;
};

}  // namespace sidecar::kube
