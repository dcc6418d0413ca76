#include "sidecar/base/clock.hpp"

#include <ctime>

namespace sidecar {

boottime_clock::time_point boottime_clock::now() noexcept {
  std::timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return time_point{std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec}};
}

}  // namespace sidecar
