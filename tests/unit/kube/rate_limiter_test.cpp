#include "sidecar/kube/rate_limiter.hpp"

#include <gtest/gtest.h>

namespace sidecar::kube {
namespace {

using namespace std::chrono_literals;

const time_point start{1h};

TEST(RateLimiter, FirstCallMayStartAtOnce) { EXPECT_EQ(rate_limiter(10).wait(start), 0ns); }

TEST(RateLimiter, NextCallWaitsForTheRestOfItsGap) {
  rate_limiter paced(10);
  paced.note_start(start);
  EXPECT_EQ(paced.wait(start), 100ms);
  EXPECT_EQ(paced.wait(start + 60ms), 40ms);
  EXPECT_EQ(paced.wait(start + 100ms), 0ns);
  EXPECT_EQ(paced.wait(start + 1h), 0ns);
}

TEST(RateLimiter, LateCallsAreNotMadeUpFor) {
  rate_limiter paced(10);
  paced.note_start(start);
  paced.note_start(start + 10s);
  EXPECT_EQ(paced.wait(start + 10s), 100ms);
}

TEST(RateLimiter, ZeroMeansUnlimited) {
  rate_limiter paced(0);
  paced.note_start(start);
  EXPECT_EQ(paced.wait(start), 0ns);
}

TEST(RateLimiter, RatesBelowOneASecondWork) {
  rate_limiter paced(0.5);
  paced.note_start(start);
  EXPECT_EQ(paced.wait(start), 2s);
}

}  // namespace
}  // namespace sidecar::kube
