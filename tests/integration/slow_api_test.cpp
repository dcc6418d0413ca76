// What clients and the log say while the API server is slower than clients may wait.
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "daemon.hpp"
#include "support/faults.hpp"

namespace sidecar::test {
namespace {

using namespace std::chrono_literals;

/// The shipped proportions, made smaller: an answer takes longer than ANSWER_TIMEOUT and less than API_TIMEOUT.
class SlowApi : public cluster_fixture {
 protected:
  static variables impatient(const std::string& grace) {
    return {{"ANSWER_TIMEOUT", "60ms"}, {"API_TIMEOUT", "20s"}, {"STALE_GRACE", grace}};
  }

  /// A question whose call ends late; returns once it has ended.
  std::string ask_and_wait_for_the_call(const daemon& sidecar) {
    const auto answered = api.counts().answers;
    const auto answer = sidecar.ask();
    EXPECT_TRUE(api.wait_for([&](const server_counts& seen) { return seen.answers > answered; }));
    return answer;
  }
};

TEST_F(SlowApi, HeldChangeToUnreadyIsLoggedWithTheContainer) {
  const auto sidecar = start(impatient("20s"));
  ASSERT_EQ(sidecar->ask(), "200 OK");
  api.inject(pause_at(phase::headers, 200ms));
  api.set_ready("game", false);
  EXPECT_EQ(ask_and_wait_for_the_call(*sidecar), "200 OK held");
  const auto line = sidecar->logged("ContainerNotReady");
  EXPECT_NE(line.find("500 ContainerNotReady"), std::string::npos) << line;
  EXPECT_NE(line.find("game (not ready)"), std::string::npos) << line;
}

TEST_F(SlowApi, SteadilySlowAnswersAreLoggedOnce) {
  const auto sidecar = start(impatient("20s"));
  ASSERT_EQ(sidecar->ask(), "200 OK");
  api.inject(pause_at(phase::headers, 150ms));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(ask_and_wait_for_the_call(*sidecar), "200 OK held");
  sidecar->logged("ApiTimeout");
  EXPECT_EQ(sidecar->lines("reason=").size(), 2U) << "ready, then held; nothing for a repetition";
}

TEST_F(SlowApi, SlowFailuresAreLoggedOnceWithTheirCause) {
  api.inject(pause_at(phase::request, 150ms));
  api.inject(unavailable("0"));
  const auto sidecar = start(impatient("0"));
  for (int i = 0; i < 5; ++i) ask_and_wait_for_the_call(*sidecar);
  EXPECT_NE(sidecar->logged("answering 500"), "");
  EXPECT_EQ(sidecar->lines("answering 500").size(), 1U);
}

TEST_F(SlowApi, BlackHoleIsLoggedWithThePlaceWhereItHangs) {
  api.inject(silence_at(phase::handshake));
  const auto sidecar = start({{"ANSWER_TIMEOUT", "60ms"}, {"API_TIMEOUT", "300ms"}, {"STALE_GRACE", "0"}});
  EXPECT_EQ(sidecar->ask(), "500 ApiTimeout");
  EXPECT_NE(sidecar->logged("in the TLS handshake"), "");
}

}  // namespace
}  // namespace sidecar::test
