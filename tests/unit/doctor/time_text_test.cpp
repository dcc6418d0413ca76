#include "sidecar/doctor/time_text.hpp"

#include <gtest/gtest.h>

namespace sidecar::doctor {
namespace {

using namespace std::chrono_literals;

TEST(RoughText, TwoOfAUnitAtLeast) {
  EXPECT_EQ(rough_text(0s), "0s");
  EXPECT_EQ(rough_text(119s), "119s");
  EXPECT_EQ(rough_text(120s), "2m");
  EXPECT_EQ(rough_text(119min), "119m");
  EXPECT_EQ(rough_text(-2h), "2h");
  EXPECT_EQ(rough_text(47h), "47h");
  EXPECT_EQ(rough_text(48h), "2d");
}

TEST(TimeText, IsInUtcToTheSecond) {
  using std::chrono::sys_days;
  using std::chrono::sys_seconds;
  EXPECT_EQ(time_text(sys_days{2026y / 11 / 29} + 14h + 5min), "2026-11-29 14:05:00 UTC");
  EXPECT_EQ(time_text(sys_seconds{-1s}), "1969-12-31 23:59:59 UTC");
  EXPECT_EQ(time_text(sys_seconds{253'402'300'799s}), "9999-12-31 23:59:59 UTC");
}

}  // namespace
}  // namespace sidecar::doctor
