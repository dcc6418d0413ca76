#include "sidecar/watch/watch_statistics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace sidecar::watch {
namespace {

std::vector<std::uint64_t> restarts_of(const watch_statistics& made) {
  std::vector<std::uint64_t> all;
  for (const auto why : restart_causes) all.push_back(made.restarts(why));
  return all;
}

TEST(WatchStatistics, CountEachCauseApart) {
  watch_statistics made;
  std::vector<std::uint64_t> expected(restart_causes.size());
  EXPECT_EQ(restarts_of(made), expected);
  auto next = expected.begin();
  for (const auto why : restart_causes) {
    made.note(why);
    ++*next++;
    EXPECT_EQ(restarts_of(made), expected) << name(why);
  }
}

TEST(WatchStatistics, EachMissedEventRestartsTheWatch) {
  watch_statistics made;
  for (const auto why : restart_causes) {
    made.note(why);
    made.note(why);
  }
  EXPECT_EQ(made.missed_events(), 2U);
}

TEST(RestartCauses, HaveTheNamesOfTheirLabel) {
  std::vector<std::string_view> names;
  for (const auto why : restart_causes) names.push_back(name(why));
  EXPECT_THAT(names, testing::ElementsAre("completed", "expired", "refused", "lost", "missed_event", "ca_replaced"));
}

}  // namespace
}  // namespace sidecar::watch
