#include "sidecar/health/hold.hpp"

#include <gtest/gtest.h>

namespace sidecar::health {
namespace {

using namespace std::chrono_literals;

constexpr time_point learned{1h};
const verdict ready = verdict_of(reason::all_containers_ready);
const verdict not_ready = verdict_of(reason::container_not_ready);

answer after(std::chrono::nanoseconds age, std::chrono::nanoseconds grace, verdict last = ready) {
  return hold(reason::api_timeout, last, learned, learned + age, grace);
}

const answer not_held{verdict_of(reason::api_timeout), std::nullopt};

TEST(Hold, TheLastTruthStandsUntilItIsOlderThanTheGrace) {
  EXPECT_EQ(after(0s, 30s), (answer{ready, 0s}));
  EXPECT_EQ(after(29s, 30s), (answer{ready, 29s}));
  EXPECT_EQ(after(30s, 30s), (answer{ready, 30s}));
  EXPECT_EQ(after(30s + 1ns, 30s), not_held);
  EXPECT_EQ(after(24h, 30s), not_held);
}

TEST(Hold, NothingIsHeldBeforeAFirstTruth) {
  EXPECT_EQ(hold(reason::api_forbidden, std::nullopt, time_point{}, learned, 30s),
            (answer{verdict_of(reason::api_forbidden), std::nullopt}));
  EXPECT_EQ(hold(reason::api_forbidden, std::nullopt, time_point::min(), learned, 30s),
            (answer{verdict_of(reason::api_forbidden), std::nullopt}));
}

TEST(Hold, AGraceOfZeroNeverHolds) {
  EXPECT_EQ(after(0s, 0s), not_held);
  EXPECT_EQ(after(1ns, 0s), not_held);
  EXPECT_EQ(after(0s, 0s, not_ready), not_held);
}

TEST(Hold, KnownBadIsHeldLikeKnownGood) { EXPECT_EQ(after(5s, 30s, not_ready), (answer{not_ready, 5s})); }

TEST(Hold, TheAgeIsInWholeSecondsRoundedDown) {
  EXPECT_EQ(after(999ms, 30s), (answer{ready, 0s}));
  EXPECT_EQ(after(1999999999ns, 30s), (answer{ready, 1s}));
  EXPECT_EQ(after(2s, 30s), (answer{ready, 2s}));
}

TEST(Hold, AGraceBelowASecondCountsInFull) {
  EXPECT_EQ(after(200ms, 250ms), (answer{ready, 0s}));
  EXPECT_EQ(after(251ms, 250ms), not_held);
}

TEST(Hold, ATruthFromTheFutureIsOfNow) { EXPECT_EQ(after(-5s, 30s), (answer{ready, 0s})); }

TEST(Hold, WithoutATruthTheFailureIsTheReason) {
  for (const reason failure : {reason::api_unreachable, reason::api_busy, reason::api_protocol})
    EXPECT_EQ(hold(failure, ready, learned, learned + 31s, 30s), (answer{verdict_of(failure), std::nullopt}));
}

}  // namespace
}  // namespace sidecar::health
