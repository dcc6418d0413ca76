#pragma once

#include <chrono>

namespace sidecar {

/// A monotonic clock that also runs while the machine is suspended (CLOCK_BOOTTIME): a snapshot ages in a suspended
/// virtual machine too. Satisfies the standard's TrivialClock.
struct boottime_clock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<boottime_clock>;
  static constexpr bool is_steady = true;

  static time_point now() noexcept;
};

using time_point = boottime_clock::time_point;

}  // namespace sidecar
