#include "sidecar/kube/rate_limiter.hpp"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace sidecar::kube
