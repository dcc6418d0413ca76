#pragma once

#include <algorithm>
#include <chrono>

#include "sidecar/http/incident.hpp"

namespace sidecar::http {

/// PURE. Pauses and log lines for failed accepts. The pause is 5 ms and doubles to 1 s, as in Go's net/http; without it
/// a process that is out of file descriptors would spin. When descriptors are scarce, accepts succeed between failures,
/// so the incident ends (and the pause is reset) only after a second without a failure.
class accept_backoff {
 public:
  using time_point = incident::time_point;
  struct reaction {
    std::chrono::milliseconds pause;  ///< before the next attempt
    bool log;                         ///< true: the incident begins
  };

  constexpr reaction failed(time_point now) noexcept {
    if (incident_.end(now)) pause_ = {};
    pause_ = std::clamp(pause_ * 2, std::chrono::milliseconds(5), std::chrono::milliseconds(1'000));
    return {pause_, incident_.begin(now + pause_)};
  }

  /// True if the incident has ended: log it.
  constexpr bool accepted(time_point now) noexcept {
    if (!incident_.end(now)) return false;
    pause_ = {};
    return true;
  }

 private:
  incident incident_{std::chrono::seconds(1)};
  std::chrono::milliseconds pause_{0};
};

}  // namespace sidecar::http
