#include "sidecar/kube/api_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/post.hpp>

#include "unit/kube/api_client_world.hpp"

namespace sidecar::kube {
namespace {

using namespace std::chrono_literals;
using health::reason;

health::pod pod_in(const fetch_result& result) { return std::get<health::pod>(std::get<observation>(result).truth); }

class ApiClient : public testing::Test, protected client_world {};

TEST_F(ApiClient, LearnsThePod) {
  const auto before = boottime_clock::now();
  const auto result = fetch();
  ASSERT_TRUE(std::holds_alternative<observation>(result)) << failure_of(result).detail;
  EXPECT_EQ(pod_in(result).name, "game-0");
  EXPECT_GE(std::get<observation>(result).started, before);
}

TEST_F(ApiClient, LearnsThatThereIsNoPod) {
  server.delete_pod();
  const auto result = fetch();
  ASSERT_TRUE(std::holds_alternative<observation>(result)) << failure_of(result).detail;
  EXPECT_TRUE(std::holds_alternative<health::no_pod>(std::get<observation>(result).truth));
}

TEST_F(ApiClient, AsksInExactlyTheseBytes) {
  ASSERT_TRUE(succeeds());
  EXPECT_EQ(server.requests().at(0).head,
            "GET /api/v1/namespaces/demo/pods/game-0 HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
                "\r\nUser-Agent: test/1\r\nAccept: application/json\r\nAuthorization: Bearer " + token + "\r\n\r\n");
}

TEST_F(ApiClient, FindsTheServerByName) {
  settings.url.host = "localhost";
  const auto result = fetch();
  ASSERT_TRUE(std::holds_alternative<observation>(result)) << failure_of(result).detail;
  EXPECT_THAT(server.requests().at(0).head,
              testing::HasSubstr("\r\nHost: localhost:" + std::to_string(server.port()) + "\r\n"));
}

TEST_F(ApiClient, NameWithoutAnAddressMakesTheServerUnreachable) {
  settings.url.host = "no-such-host.invalid";
  const auto problem = failure_of(fetch());
  EXPECT_EQ(problem.why, reason::api_unreachable);
  EXPECT_THAT(problem.detail, testing::StartsWith("looking up no-such-host.invalid: "));
}

TEST(ApiClientOverIpv6, PutsTheAddressInBrackets) {
  client_world world({.address = "::1"});
  ASSERT_TRUE(world.succeeds());
  EXPECT_THAT(world.server.requests().at(0).head,
              testing::HasSubstr("\r\nHost: [::1]:" + std::to_string(world.server.port()) + "\r\n"));
}

TEST(ApiClientWithoutTls, NeverShowsTheToken) {
  client_world world({.tls = false});
  world.fetch();
  EXPECT_EQ(world.server.requests().at(0).authorization, "");
  EXPECT_THAT(world.server.requests().at(0).head, testing::Not(testing::HasSubstr(world.token)));
}

TEST(ApiClientWithoutTls, DoesNotAskAgainWhenTurnedAway) {
  client_world world({.tls = false});
  world.server.inject(test::reply_with(test::make_unauthorized));
  EXPECT_EQ(failure_of(world.fetch()).why, reason::api_unauthorized);
  EXPECT_EQ(world.server.counts().requests, 1U) << "there is no token that another try could do better with";
}

TEST_F(ApiClient, UsesOneConnectionForManyCalls) {
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(succeeds());
  EXPECT_EQ(server.counts().accepted, 1U);
  EXPECT_EQ(server.counts().requests, 20U);
}

TEST_F(ApiClient, MakesANewConnectionWhenTheOldOneWasIdleTooLong) {
  settings.longest_idle = 0s;
  ASSERT_TRUE(succeeds());
  ASSERT_TRUE(succeeds());
  EXPECT_EQ(server.counts().accepted, 2U);
}

TEST_F(ApiClient, MakesANewConnectionWhenTheOldOneIsTooOld) {
  settings.longest_life = 0s;
  ASSERT_TRUE(succeeds());
  ASSERT_TRUE(succeeds());
  EXPECT_EQ(server.counts().accepted, 2U);
}

TEST_F(ApiClient, HonoursConnectionClose) {
  server.inject(test::raw_answer(answer_with(body_of_pod(), "Connection: close\r\n")));
  ASSERT_TRUE(succeeds());
  EXPECT_TRUE(all_closed());
  ASSERT_TRUE(succeeds());
  EXPECT_EQ(server.counts().accepted, 2U);
}

TEST_F(ApiClient, LeavesAConnectionOnWhichMoreCameThanWasAskedFor) {
  server.inject(test::raw_answer(answer_with(body_of_pod()) + answer_with(body_of_pod())));
  ASSERT_TRUE(succeeds());
  server.clear_faults();
  server.delete_pod();
  const auto result = fetch();
  EXPECT_TRUE(std::holds_alternative<health::no_pod>(std::get<observation>(result).truth)) << "an old answer";
  EXPECT_EQ(server.counts().accepted, 2U);
}

TEST_F(ApiClient, ConnectionThatTheServerClosedWhileIdleCostsNoRetry) {
  settings.pace = std::make_shared<pacer>(2);
  settings.timeout = 400ms;  // a retry would have to wait for longer
  server.inject(test::times(1, test::raw_answer(answer_with(body_of_pod()), test::afterwards::close)));
  ASSERT_TRUE(succeeds());
  ASSERT_TRUE(all_closed());
  EXPECT_TRUE(succeeds());
  EXPECT_EQ(server.counts().accepted, 2U);
}

TEST_F(ApiClient, SealsOnceAndBeforeTheServerSeesTheRequest) {
  ASSERT_TRUE(succeeds());
  ASSERT_TRUE(succeeds());
  ASSERT_EQ(at_seal.size(), 2U);
  EXPECT_EQ(at_seal[0].accepted, 1U);
  EXPECT_EQ(at_seal[0].application_bytes, 0U);
  EXPECT_EQ(at_seal[1].requests, 1U);
}

TEST_F(ApiClient, DoesNotSealBeforeTheConnectionStands) {
  settings.timeout = short_timeout;
  for (const auto at : {test::phase::connect, test::phase::handshake}) {
    server.inject(test::times(1, test::silence_at(at)));
    EXPECT_EQ(failure_of(fetch()).why, reason::api_timeout);
  }
  EXPECT_TRUE(at_seal.empty());
}

TEST_F(ApiClient, LetsThoseWhoWokeUpAtTheSameTimeInBeforeItSeals) {
  ASSERT_TRUE(succeeds());
  bool others_woke_up = false;
  bool in_time = false;
  const auto call = test::start(context, client->fetch_pod([&] { in_time = others_woke_up; }));
  boost::asio::post(context, [&] { others_woke_up = true; });
  ASSERT_TRUE(run_until([&] { return call->value.has_value(); }));
  EXPECT_TRUE(in_time);
}

TEST_F(ApiClient, TruthIsAsOldAsItsRequestNotItsAnswer) {
  server.hold_answers();
  const auto call = start();
  ASSERT_TRUE(run_until_asked(1));
  const auto asked = boottime_clock::now();
  server.stop_holding();
  ASSERT_TRUE(run_until([&] { return call->value.has_value(); }));
  EXPECT_LE(std::get<observation>(*call->value).started, asked);
}

TEST_F(ApiClient, MayBeDestroyedInTheMiddleOfACall) {
  server.hold_answers();
  const auto call = start();
  ASSERT_TRUE(run_until_asked(1));
  client.reset();
  EXPECT_FALSE(call->value);
}

}  // namespace
}  // namespace sidecar::kube
