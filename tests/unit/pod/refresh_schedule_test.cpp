#include "sidecar/pod/refresh_schedule.hpp"

#include <gtest/gtest.h>

namespace sidecar::pod {
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

TEST(RefreshSchedule, AtTheStartItNeedsNoQueryUntilTheFirstSnapshot) {
  constexpr time_point start{1s};  // the machine has just booted
  const std::pair<std::chrono::nanoseconds, std::chrono::nanoseconds> rows[] = {
      {30s, 10s}, {3s, 1s}, {1ms, 100ms}, {1h, 10s}, {0s, 10s}};
  for (const auto& [stale_grace, period] : rows) {
    refresh_schedule schedule{stale_grace};
    EXPECT_EQ(schedule.due(start), std::nullopt) << "not unless it is wanted";
    schedule.begin_at_once();
    EXPECT_EQ(schedule.due(start), start);
    schedule.note_fetch(start);
    EXPECT_EQ(schedule.due(start), start + period);
    EXPECT_EQ(schedule.due(start + 1h), start + period) << "however long it takes";
    schedule.note_snapshot();
    EXPECT_EQ(schedule.due(start + 1h), std::nullopt);
    schedule.note_query(start);
    EXPECT_EQ(schedule.due(start).has_value(), stale_grace > 0s) << "as ever";
  }
}

TEST(RefreshSchedule, ADrainThatComesBeforeTheFirstSnapshotIsNoStartAnyMore) {
  refresh_schedule schedule{30s};
  schedule.begin_at_once();
  schedule.drain(0s);
  schedule.note_snapshot();
  EXPECT_EQ(schedule.due(first_query), std::nullopt);
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

}  // namespace
}  // namespace sidecar::pod
