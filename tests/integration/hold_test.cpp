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
