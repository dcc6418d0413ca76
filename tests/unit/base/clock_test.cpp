#include "sidecar/base/clock.hpp"

#include <gtest/gtest.h>

#include <ctime>

namespace sidecar {
namespace {

std::chrono::nanoseconds read_system(clockid_t clock) {
  std::timespec now{};
  ::clock_gettime(clock, &now);
  return std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
}

TEST(BoottimeClock, NeverGoesBackwards) {
  time_point previous = boottime_clock::now();
  for (int i = 0; i < 1000; ++i) {
    const time_point now = boottime_clock::now();
    ASSERT_GE(now, previous);
    previous = now;
  }
}

TEST(BoottimeClock, IsTheClockThatRunsThroughSuspend) {
  const auto before = read_system(CLOCK_BOOTTIME);
  const auto now = boottime_clock::now().time_since_epoch();
  const auto after = read_system(CLOCK_BOOTTIME);
  EXPECT_LE(before, now);
  EXPECT_LE(now, after);
}

}  // namespace
}  // namespace sidecar
