#include <chrono>

#include "daemon.hpp"

/// The second promise (no answer is older than its question) and the third (one call at a time, API_QPS a second).
namespace sidecar::test {
namespace {

using namespace std::chrono_literals;

class FreshAnswers : public cluster_fixture {};

TEST_F(FreshAnswers, QuestionDuringASlowCallGetsTheStateAfterIt) {
  const auto sidecar = start();
  api.hold_answers();
  auto first = sidecar->begin();
  ASSERT_TRUE(api.wait_until_held(1));
  api.set_ready("game", false);
  auto second = sidecar->begin();
  sidecar->catch_up();
  EXPECT_EQ(api.counts().requests, 1U);

  api.release_one();
  EXPECT_EQ(first.answer(), "200 OK");
  ASSERT_TRUE(api.wait_until_held(1));
  api.release_one();
  EXPECT_EQ(second.answer(), "500 ContainerNotReady");
}

TEST_F(FreshAnswers, EachQuestionInARowIsACallOverOneConnection) {
  const auto sidecar = start();
  for (bool ready : {true, false, true, false, true}) {
    api.set_ready("game", ready);
    EXPECT_EQ(sidecar->ask(), ready ? "200 OK" : "500 ContainerNotReady");
  }
  EXPECT_EQ(api.counts().requests, 5U);
  EXPECT_EQ(api.counts().accepted, 1U);
}

TEST_F(FreshAnswers, CallsStartAsFarApartAsTheRateSays) {
  const auto sidecar = start({{"API_QPS", "10"}});
  EXPECT_EQ(sidecar->ask(), "200 OK");  // the first one's request comes late, after the handshake
  for (int i = 0; i < 10; ++i) EXPECT_EQ(sidecar->ask(), "200 OK");

  const auto seen = api.requests();
  ASSERT_EQ(seen.size(), 11U);
  EXPECT_GE(seen[10].when - seen[1].when, 850ms);
  for (std::size_t i = 2; i < seen.size(); ++i) {
    EXPECT_GE(seen[i].when - seen[i - 1].when, 50ms) << "before call " << i;
  }
}

}  // namespace
}  // namespace sidecar::test
