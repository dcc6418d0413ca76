#include "sidecar/kube/pacer.hpp"

#include <gtest/gtest.h>

namespace sidecar::kube {
namespace {

using namespace std::chrono_literals;

const time_point start{1h};

TEST(Pacer, FirstCallMayStartAtOnce) { EXPECT_EQ(pacer(10).wait(start), 0ns); }

TEST(Pacer, NextCallWaitsForTheRestOfItsGap) {
  pacer paced(10);
  paced.started(start);
  EXPECT_EQ(paced.wait(start), 100ms);
  EXPECT_EQ(paced.wait(start + 60ms), 40ms);
  EXPECT_EQ(paced.wait(start + 100ms), 0ns);
  EXPECT_EQ(paced.wait(start + 1h), 0ns);
}

TEST(Pacer, LateCallsAreNotMadeUpFor) {
  pacer paced(10);
  paced.started(start);
  paced.started(start + 10s);
  EXPECT_EQ(paced.wait(start + 10s), 100ms);
}

TEST(Pacer, ZeroMeansUnlimited) {
  pacer paced(0);
  paced.started(start);
  EXPECT_EQ(paced.wait(start), 0ns);
}

TEST(Pacer, RatesBelowOneASecondWork) {
  pacer paced(0.5);
  paced.started(start);
  EXPECT_EQ(paced.wait(start), 2s);
}

}  // namespace
}  // namespace sidecar::kube
