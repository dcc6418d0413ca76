#include "sidecar/app/refresh_schedule.hpp"

#include <gtest/gtest.h>

namespace sidecar::app {
namespace {

using namespace std::chrono_literals;

constexpr time_point first_query{1h};

TEST(RefreshSchedule, IsDueThreeTimesAGraceAfterTheLastFetchForTenMinutesAfterTheLastQuery) {
  refresh_schedule schedule{30s};
  EXPECT_EQ(schedule.due(first_query), std::nullopt);
  schedule.note_query(first_query);
  schedule.note_fetch(first_query + 5s);
  EXPECT_EQ(schedule.due(first_query + 5s), first_query + 15s);
  EXPECT_TRUE(schedule.due(first_query + 10min));
  EXPECT_EQ(schedule.due(first_query + 10min + 1ns), std::nullopt);
  schedule.note_query(first_query + 20min);
  EXPECT_TRUE(schedule.due(first_query + 20min));
  schedule.forget_queries();
  EXPECT_EQ(schedule.due(first_query + 20min), std::nullopt);
}

TEST(RefreshSchedule, HasNothingToRefreshWhereNothingIsHeldAndNeverHurries) {
  refresh_schedule strict{0s};
  refresh_schedule short_grace{1ms};
  for (auto* one : {&strict, &short_grace}) {
    one->note_query(first_query);
    one->note_fetch(first_query);
  }
  EXPECT_EQ(strict.due(first_query), std::nullopt);
  EXPECT_EQ(short_grace.due(first_query), first_query + 100ms);
}

TEST(RefreshSchedule, WhileDrainingItNeedsNoQueryAndHasAPeriodOfItsOwn) {
  refresh_schedule schedule{30s};
  schedule.note_fetch(first_query);
  schedule.drain(500ms);
  EXPECT_EQ(schedule.due(first_query + 1h), first_query + 500ms);
  schedule.note_query(first_query);
  schedule.drain(0s);
  EXPECT_EQ(schedule.due(first_query), std::nullopt) << "a drain is not told from down";
}

TEST(RefreshSchedule, UntilTheFirstSnapshotItNeedsNoQueryIfThatIsWanted) {
  for (const auto grace : {0s, 30s}) {
    refresh_schedule schedule{grace};
    schedule.fetch_first();
    EXPECT_LE(schedule.due(first_query), first_query) << "at once";
    schedule.note_fetch(first_query);
    EXPECT_EQ(schedule.due(first_query), first_query + 5s) << "after a failure";
    schedule.note_snapshot();
    EXPECT_EQ(schedule.due(first_query), std::nullopt);
  }
}

TEST(RefreshSchedule, ADrainDoesNotWaitForTheFirstSnapshot) {
  refresh_schedule schedule{30s};
  schedule.fetch_first();
  schedule.drain(0s);
  EXPECT_EQ(schedule.due(first_query), std::nullopt);
}

}  // namespace
}  // namespace sidecar::app
