#pragma once

#include <algorithm>
#include <chrono>

#include "sidecar/http/incident.hpp"

namespace sidecar::http {

/// The pause after a failed accept: 5 ms, doubling to 1 s, as in Go's net/http. Without it a process that is out of
/// file descriptors would spin.
constexpr std::chrono::milliseconds next_accept_pause(std::chrono::milliseconds previous) noexcept {
  using std::chrono::milliseconds;
  return previous == milliseconds(0) ? milliseconds(5) : std::min(previous * 2, milliseconds(1'000));
}

/// PURE. Pauses and log lines for failed accepts. When descriptors are scarce, accepts succeed between failures, so the
/// incident ends (and the pause is reset) only after a second without a failure.
class accept_backoff {
 public:
  using time_point = incident::time_point;
  struct reaction {
    std::chrono::milliseconds pause;  ///< before the next attempt
    bool log;                         ///< true: the incident begins
  };

  constexpr reaction failed(time_point now) noexcept {
    if (incident_.end(now)) pause_ = {};
    pause_ = next_accept_pause(pause_);
    return {pause_, incident_.begin(now + pause_)};
  }

  /// True if the incident has ended: log it.
  constexpr bool accepted(time_point now) noexcept {
    if (!incident_.end(now)) return false;
    pause_ = {};
    return true;
  }

  constexpr bool is_on() const noexcept { return incident_.is_on(); }

 private:
  incident incident_{std::chrono::seconds(1)};
  std::chrono::milliseconds pause_{0};
};

}  // namespace sidecar::http
