#include "sidecar/http/accept_backoff.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace sidecar::http {
namespace {

using namespace std::chrono_literals;

TEST(AcceptBackoff, IsLoggedOnceAndIsOverAfterASecondWithoutAFailure) {
  enum class attempt { fails, succeeds };
  struct step {
    std::chrono::milliseconds at;
    attempt what;
    bool log;
    std::chrono::milliseconds pause;  ///< after a failure
  };
  using enum attempt;
  constexpr step steps[] = {
      {0ms, succeeds, false, 0ms},
      {100ms, fails, true, 5ms},
      {105ms, succeeds, false, 0ms},
      {106ms, fails, false, 10ms},
      {116ms, fails, false, 20ms},
      {136ms, succeeds, false, 0ms},
      {1'135ms, succeeds, false, 0ms},
      {1'136ms, succeeds, true, 0ms},  // the second begins with the first attempt
                                       // after the pause
      {1'137ms, succeeds, false, 0ms},
      {1'200ms, fails, true, 5ms},
      {1'205ms, fails, false, 10ms},
      {2'214ms, fails, false, 20ms},
      {3'234ms, fails, true, 5ms},  // no client came, so the end was not logged
      {3'239ms, succeeds, false, 0ms},
      {60'000ms, succeeds, true, 0ms},
  };
  accept_backoff tested;
  const accept_backoff::time_point start{1h};
  for (const auto& [at, what, log, pause] : steps) {
    if (what == fails) {
      const auto reaction = tested.failed(start + at);
      EXPECT_EQ(reaction.log, log) << at.count();
      EXPECT_EQ(reaction.pause, pause) << at.count();
    } else {
      EXPECT_EQ(tested.accepted(start + at), log) << at.count();
    }
  }
}

TEST(AcceptBackoff, DoublesItsPausesAndIsNotOverBecauseNothingWasTried) {
  accept_backoff tested;
  accept_backoff::time_point now{1h};
  std::vector<long> pauses;
  for (int i = 0; i < 20; ++i) {
    const auto reaction = tested.failed(now);
    EXPECT_EQ(reaction.log, i == 0);
    pauses.push_back(reaction.pause.count());
    now += reaction.pause;
    EXPECT_FALSE(tested.accepted(now));
  }
  pauses.resize(10);
  EXPECT_EQ(pauses, (std::vector<long>{5, 10, 20, 40, 80, 160, 320, 640, 1000, 1000}));
}

}  // namespace
}  // namespace sidecar::http
