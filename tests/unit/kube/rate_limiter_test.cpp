#include "sidecar/kube/rate_limiter.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <utility>

namespace sidecar::kube {
namespace {

using namespace std::chrono_literals;

TEST(RateLimiter, LetsACallWaitForTheRestOfTheGapSinceTheLatest) {
  const time_point start{1h};
  rate_limiter paced(10);
  EXPECT_EQ(paced.wait(start), 0ns) << "the first";
  for (const auto noted : {start, start + 10s}) {  // time that was not used is not made up for
    paced.note_start(noted);
    EXPECT_EQ(paced.wait(noted), 100ms);
    EXPECT_EQ(paced.wait(noted + 60ms), 40ms);
    EXPECT_EQ(paced.wait(noted + 100ms), 0ns);
    EXPECT_EQ(paced.wait(noted + 1h), 0ns);
  }
  EXPECT_TRUE(paced.is_latest(start + 10s));
  EXPECT_FALSE(paced.is_latest(start));
  rate_limiter unlimited(0), slow(0.5);
  unlimited.note_start(start);
  slow.note_start(start);
  EXPECT_EQ(unlimited.wait(start), 0ns);
  EXPECT_EQ(slow.wait(start), 2s);
}

TEST(RateLimiter, ABackgroundCallGoesAfterThoseThatQueriesWaitFor) {
  using priority = rate_limiter::priority;
  const auto shared = std::make_shared<rate_limiter>(10);
  EXPECT_FALSE(shared->must_yield(priority::background)) << "no call of a query";
  const auto background = rate_limiter::make_claim(shared, priority::background);
  EXPECT_FALSE(shared->must_yield(priority::background)) << "only another one of its kind";
  auto first = rate_limiter::make_claim(shared, priority::query);
  auto moved = std::move(first);
  {
    const auto second = rate_limiter::make_claim(shared, priority::query);
    moved.end();
    EXPECT_TRUE(shared->must_yield(priority::background));
    EXPECT_FALSE(shared->must_yield(priority::query)) << "one call of queries for another";
  }
  EXPECT_FALSE(shared->must_yield(priority::background));
  moved.end();
  EXPECT_FALSE(shared->must_yield(priority::background)) << "it has ended already";
}

}  // namespace
}  // namespace sidecar::kube
