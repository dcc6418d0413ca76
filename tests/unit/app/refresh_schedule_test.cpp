#include "sidecar/app/refresh_schedule.hpp"

#include <gtest/gtest.h>

namespace sidecar::app {
namespace {

using namespace std::chrono_literals;

constexpr time_point now{1h};

TEST(RefreshSchedule, BeginsWithAQuery) {
  refresh_schedule schedule{30s};
  EXPECT_EQ(schedule.next(now), std::nullopt);
  schedule.note_query(now);
  schedule.note_fetch(now);
  EXPECT_EQ(schedule.next(now), now + 10s);
  EXPECT_FALSE(schedule.is_due(now + 10s - 1ns));
  EXPECT_TRUE(schedule.is_due(now + 10s));
}

TEST(RefreshSchedule, CountsFromTheLastFetchWhoeverWantedIt) {
  refresh_schedule schedule{30s};
  schedule.note_query(now);
  schedule.note_fetch(now + 5s);
  EXPECT_EQ(schedule.next(now + 5s), now + 15s);
  EXPECT_FALSE(schedule.is_due(now + 10s));
}

TEST(RefreshSchedule, EndsTenMinutesAfterTheLastQuery) {
  refresh_schedule schedule{30s};
  schedule.note_query(now);
  EXPECT_TRUE(schedule.next(now + 10min));
  EXPECT_EQ(schedule.next(now + 10min + 1ns), std::nullopt);
  EXPECT_FALSE(schedule.is_due(now + 11min));
  schedule.note_query(now + 20min);
  EXPECT_TRUE(schedule.next(now + 20min));
}

TEST(RefreshSchedule, HasNothingToRefreshWhereNothingIsHeld) {
  refresh_schedule schedule{0s};
  schedule.note_query(now);
  EXPECT_EQ(schedule.next(now), std::nullopt);
}

TEST(RefreshSchedule, RefreshesNoMoreThanTenTimesASecond) {
  refresh_schedule schedule{1ms};
  schedule.note_query(now);
  schedule.note_fetch(now);
  EXPECT_EQ(schedule.next(now), now + 100ms);
  EXPECT_EQ(schedule.next(now + 1s), now + 1s + 100ms);
}

}  // namespace
}  // namespace sidecar::app
