#include "sidecar/app/refresh_schedule.hpp"

#include <gtest/gtest.h>

namespace sidecar::app {
namespace {

using namespace std::chrono_literals;

constexpr time_point first_query{1h};

TEST(RefreshSchedule, BeginsWithAQuery) {
  refresh_schedule schedule{30s};
  EXPECT_EQ(schedule.due(first_query), std::nullopt);
  schedule.note_query(first_query);
  schedule.note_fetch(first_query);
  EXPECT_EQ(schedule.due(first_query), first_query + 10s);
}

TEST(RefreshSchedule, CountsFromTheLastFetchWhateverItWasFor) {
  refresh_schedule schedule{30s};
  schedule.note_query(first_query);
  schedule.note_fetch(first_query + 5s);
  EXPECT_EQ(schedule.due(first_query + 5s), first_query + 15s);
}

TEST(RefreshSchedule, EndsTenMinutesAfterTheLastQuery) {
  refresh_schedule schedule{30s};
  schedule.note_query(first_query);
  EXPECT_TRUE(schedule.due(first_query + 10min));
  EXPECT_EQ(schedule.due(first_query + 10min + 1ns), std::nullopt);
  schedule.note_query(first_query + 20min);
  EXPECT_TRUE(schedule.due(first_query + 20min));
}

TEST(RefreshSchedule, HasNothingToRefreshWhereNothingIsHeld) {
  refresh_schedule schedule{0s};
  schedule.note_query(first_query);
  EXPECT_EQ(schedule.due(first_query), std::nullopt);
}

TEST(RefreshSchedule, FetchesNoMoreThanTenTimesASecond) {
  refresh_schedule schedule{1ms};
  schedule.note_query(first_query);
  schedule.note_fetch(first_query);
  EXPECT_EQ(schedule.due(first_query), first_query + 100ms);
}

TEST(RefreshSchedule, WhileDrainingItNeedsNoQuery) {
  refresh_schedule schedule{30s};
  schedule.note_fetch(first_query);
  schedule.drain(500ms);
  EXPECT_EQ(schedule.due(first_query + 1h), first_query + 500ms);
}

TEST(RefreshSchedule, WhileDrainingNothingIsFetchedUnlessADrainIsToldFromDown) {
  refresh_schedule schedule{30s};
  schedule.note_query(first_query);
  schedule.drain(0s);
  EXPECT_EQ(schedule.due(first_query), std::nullopt);
}

}  // namespace
}  // namespace sidecar::app
