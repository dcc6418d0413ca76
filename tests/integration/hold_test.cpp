#include <chrono>

#include "daemon.hpp"

/// The fourth promise: while the API server cannot be asked, the last truth stands for STALE_GRACE, marked as held.
namespace sidecar::test {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

class Hold : public cluster_fixture {};

TEST_F(Hold, LastTruthStandsForTheGraceAndThenNoMore) {
  const auto sidecar = start({{"STALE_GRACE", "600ms"}, {"API_QPS", "50"}});
  const auto before = clock::now();
  ASSERT_EQ(sidecar->ask(), "200 OK");
  api.stop();
  const auto learned = clock::now();  // at the latest

  std::string answer;
  clock::time_point asked;
  int held = 0;
  for (;; ++held) {
    asked = clock::now();
    answer = sidecar->ask();
    if (answer != "200 OK held") break;
    EXPECT_LE(asked - learned, 600ms);
  }
  EXPECT_EQ(answer, "500 ApiUnreachable");
  EXPECT_GT(clock::now() - before, 600ms);
  EXPECT_GT(held, 0);
}

TEST_F(Hold, KnownBadStaysBad) {
  const auto sidecar = start();
  api.set_ready("game", false);
  EXPECT_EQ(sidecar->ask(), "500 ContainerNotReady");
  api.stop();
  EXPECT_EQ(sidecar->ask(), "500 ContainerNotReady held");
}

TEST_F(Hold, NothingIsHealthyBeforeTheFirstTruth) {
  api.stop();
  const auto sidecar = start();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(sidecar->ask(), "500 ApiUnreachable");
  api.start();
  EXPECT_EQ(sidecar->ask(), "200 OK");
}

TEST_F(Hold, OneCallIsEnoughToBeFreshAgain) {
  const auto sidecar = start();
  EXPECT_EQ(sidecar->ask(), "200 OK");
  api.stop();
  EXPECT_EQ(sidecar->ask(), "200 OK held");
  api.set_ready("game", false);
  api.start();
  api.forget();
  EXPECT_EQ(sidecar->ask(), "500 ContainerNotReady");
  EXPECT_EQ(api.counts().requests, 1U);
}

TEST_F(Hold, HeldAnswerSaysHowOldItIs) {
  const auto sidecar = start({{"API_QPS", "10"}});
  ASSERT_EQ(sidecar->ask(), "200 OK");
  api.stop();
  std::string age = "0";
  while (age == "0") {
    const auto answer = sidecar->response_to(request("GET /healthz"));
    ASSERT_TRUE(answer.field("X-Health-Held"));
    age = *answer.field("X-Health-Held");
  }
  EXPECT_EQ(age, "1");
}

TEST_F(Hold, ClientWaitsNoLongerThanItsTimeAndTheCallGoesOn) {
  const auto sidecar = start({{"ANSWER_TIMEOUT", "200ms"}, {"API_QPS", "10"}});
  // A busy machine may need more than 200 ms for the first handshake.
  for (int i = 0; i < 50 && sidecar->ask() != "200 OK"; ++i) continue;
  api.hold_answers();
  api.set_ready("game", false);
  EXPECT_EQ(sidecar->ask(), "200 OK held");
  ASSERT_TRUE(api.wait_until_held(1));

  // Nobody waits for this answer any more; it is the truth that is held from now on.
  const auto answered = api.counts().answers;
  api.release_one();
  ASSERT_TRUE(api.wait_for([answered](const server_counts& now) { return now.answers > answered; }));
  sidecar->catch_up();
  EXPECT_EQ(sidecar->ask(), "500 ContainerNotReady held");
}

TEST_F(Hold, RefreshCoversACheckerThatAsksRarely) {
  const auto sidecar = start({{"STALE_GRACE", "2s"}});
  ASSERT_EQ(sidecar->ask(), "200 OK");
  api.set_ready("game", false);
  ASSERT_TRUE(api.wait_for([](const server_counts& now) { return now.answers == 2; })) << "nobody refreshed";
  sidecar->catch_up();
  api.stop();
  EXPECT_EQ(sidecar->ask(), "500 ContainerNotReady held");
}

TEST_F(Hold, RefreshAnswersNoQuestion) {
  const auto sidecar = start({{"STALE_GRACE", "600ms"}});
  ASSERT_EQ(sidecar->ask(), "200 OK");
  ASSERT_TRUE(api.wait_for([](const server_counts& now) { return now.answers == 2; }));
  api.set_ready("game", false);
  EXPECT_EQ(sidecar->ask(), "500 ContainerNotReady");
}

}  // namespace
}  // namespace sidecar::test
