#include "sidecar/app/refresh_schedule.hpp"

#include <gtest/gtest.h>

namespace sidecar::app {
namespace {

using namespace std::chrono_literals;

constexpr time_point now{1h};

TEST(RefreshSchedule, BeginsWithAQuery) {
  refresh_schedule schedule{30s};
  EXPECT_EQ(schedule.due(now), std::nullopt);
  schedule.note_query(now);
  schedule.note_fetch(now);
  EXPECT_EQ(schedule.due(now), now + 10s);
}

TEST(RefreshSchedule, CountsFromTheLastFetchWhateverItWasFor) {
  refresh_schedule schedule{30s};
  schedule.note_query(now);
  schedule.note_fetch(now + 5s);
  EXPECT_EQ(schedule.due(now + 5s), now + 15s);
}

TEST(RefreshSchedule, EndsTenMinutesAfterTheLastQuery) {
  refresh_schedule schedule{30s};
  schedule.note_query(now);
  EXPECT_TRUE(schedule.due(now + 10min));
  EXPECT_EQ(schedule.due(now + 10min + 1ns), std::nullopt);
  schedule.note_query(now + 20min);
  EXPECT_TRUE(schedule.due(now + 20min));
}

TEST(RefreshSchedule, HasNothingToRefreshWhereNothingIsHeld) {
  refresh_schedule schedule{0s};
  schedule.note_query(now);
  EXPECT_EQ(schedule.due(now), std::nullopt);
}

TEST(RefreshSchedule, FetchesNoMoreThanTenTimesASecond) {
  refresh_schedule schedule{1ms};
  schedule.note_query(now);
  schedule.note_fetch(now);
  EXPECT_EQ(schedule.due(now), now + 100ms);
}

TEST(RefreshSchedule, WhileDrainingItNeedsNoQuery) {
  refresh_schedule schedule{30s};
  schedule.note_fetch(now);
  schedule.drain(500ms);
  EXPECT_EQ(schedule.due(now + 1h), now + 500ms);
}

TEST(RefreshSchedule, WhileDrainingNothingIsFetchedUnlessADrainIsToldFromDown) {
  refresh_schedule schedule{30s};
  schedule.note_query(now);
  schedule.drain(0s);
  EXPECT_EQ(schedule.due(now), std::nullopt);
}

}  // namespace
}  // namespace sidecar::app
