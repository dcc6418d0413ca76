#include "sidecar/kube/call_statistics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

namespace sidecar::kube {
namespace {

using namespace std::chrono_literals;
using health::reason;

constexpr time_point call_start{1h};

/// Every count, each verb's results in a row: success, then each failure.
std::vector<std::uint64_t> counts_of(const call_statistics& made) {
  std::vector<std::uint64_t> all;
  for (const auto what : verbs) {
    all.push_back(made.count(what, {}));
    for (const auto why : call_failures) all.push_back(made.count(what, why));
  }
  return all;
}

TEST(CallStatistics, HaveEveryReasonForWhichTheStateCanBeUnknownAndNoOther) {
  for (std::size_t i = 0; i < health::reason_count; ++i) {
    const auto why = static_cast<reason>(i);
    const bool is_unknown = verdict_of(why).state == health::state::unknown;
    EXPECT_EQ(std::ranges::count(call_failures, why), is_unknown ? 1 : 0) << health::name(why);
  }
}

TEST(CallStatistics, CountEachVerbAndResultApart) {
  call_statistics made;
  std::vector<std::uint64_t> expected(verbs.size() * (call_failures.size() + 1));
  EXPECT_EQ(counts_of(made), expected);
  auto next = expected.begin();
  for (const auto what : verbs) {
    const auto note = [&](std::optional<reason> failure) {
      made.note(what, call_start, call_start, failure);
      ++*next++;
      EXPECT_EQ(counts_of(made), expected) << name(what);
    };
    note({});
    for (const auto why : call_failures) note(why);
  }
}

TEST(CallStatistics, KeepTheLastCall) {
  call_statistics made;
  EXPECT_FALSE(made.last);
  made.note(verb::get, call_start, call_start + 3ms, {});
  made.note(verb::watch, call_start + 1s, call_start + 1s + 7ms, reason::api_forbidden);
  ASSERT_TRUE(made.last);
  EXPECT_EQ(made.last->what, verb::watch);
  EXPECT_EQ(made.last->started, call_start + 1s);
  EXPECT_EQ(made.last->took, 7ms);
  EXPECT_EQ(made.last->failure, reason::api_forbidden);
}

TEST(CallStatistics, HaveTheDurationsOfGetAndListWhateverTheirResult) {
  call_statistics made;
  made.note(verb::get, call_start, call_start + 3ms, {});
  made.note(verb::list, call_start, call_start + 2s, reason::api_timeout);
  made.note(verb::watch, call_start, call_start + 1ms, {});
  EXPECT_EQ(made.durations.count, 2U);
  EXPECT_EQ(made.durations.sum, 2s + 3ms);
}

TEST(CallVerbs, HaveTheNamesOfTheirLabel) {
  EXPECT_EQ(name(verb::get), "get");
  EXPECT_EQ(name(verb::list), "list");
  EXPECT_EQ(name(verb::watch), "watch");
}

/// The index of the bucket that such a call is in.
std::ptrdiff_t bucket_of(std::chrono::nanoseconds took) {
  call_durations durations;
  durations.note(took);
  const auto& buckets = durations.buckets;
  EXPECT_EQ(std::accumulate(buckets.begin(), buckets.end(), 0U), 1U);
  return std::ranges::find(buckets, 1U) - buckets.begin();
}

TEST(CallDurations, BucketIncludesItsUpperBound) {
  EXPECT_EQ(bucket_of(0ns), 0);
  std::ptrdiff_t index = 0;
  for (const auto bound : {1'000us, 2'500us, 5'000us, 10'000us, 25'000us, 50'000us, 100'000us, 250'000us, 500'000us,
                           1'000'000us, 2'500'000us}) {
    EXPECT_EQ(bucket_of(bound), index);
    EXPECT_EQ(bucket_of(bound + 1ns), ++index) << bound.count() << " us, exceeded";
  }
  EXPECT_EQ(bucket_of(1h), 11) << "+Inf";
}

}  // namespace
}  // namespace sidecar::kube
