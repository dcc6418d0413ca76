#pragma once

#include <chrono>
#include <optional>

#include "sidecar/base/clock.hpp"

namespace sidecar::kube {

/// The third promise's arithmetic: calls start at least 1/QPS apart, retries included. Pure.
class pacer {
 public:
  /// `calls_per_second` 0: no limit.
  explicit pacer(double calls_per_second);

  /// How long a call that wants to start at `now` must still wait; zero: it may start.
  std::chrono::nanoseconds wait(time_point now) const;

  /// A call starts at `now`.
  void started(time_point now);

 private:
  std::chrono::nanoseconds gap_;
  std::optional<time_point> last_;
};

}  // namespace sidecar::kube
