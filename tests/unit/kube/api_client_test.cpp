#include "sidecar/kube/api_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

#include "unit/kube/api_client_world.hpp"

namespace sidecar::kube {
namespace {

using namespace std::chrono_literals;
using health::reason;

health::pod pod_in(const fetch_result& result) {
  EXPECT_TRUE(result) << failure_of(result).detail;
  return result ? std::get<health::pod>(result->state) : health::pod{};
}

class ApiClient : public testing::Test, protected client_world {};

TEST_F(ApiClient, LearnsThePod) {
  const auto before = boottime_clock::now();
  const auto result = fetch();
  ASSERT_TRUE(result) << failure_of(result).detail;
  EXPECT_EQ(pod_in(result).name, "game-0");
  EXPECT_GE(result->observed, before);
}

TEST_F(ApiClient, GetsInExactlyTheseBytes) {
  ASSERT_TRUE(succeeds());
  EXPECT_EQ(server.requests().at(0).head,
            "GET /api/v1/namespaces/demo/pods/game-0 HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
                "\r\nUser-Agent: test/1\r\nAccept: application/json\r\nAuthorization: Bearer " + token + "\r\n\r\n");
}

TEST_F(ApiClient, NameWithoutAnAddressMakesTheServerUnreachable) {
  settings.url.host = "no-such-host.invalid";
  const auto problem = failure_of(fetch());
  EXPECT_EQ(problem.why, reason::api_unreachable);
  EXPECT_THAT(problem.detail, testing::StartsWith("looking up no-such-host.invalid: "));
}

TEST(ApiClientWithoutTls, NeverShowsTheTokenNorRetriesA401) {
  client_world world({.tls = false});
  world.server.inject(test::reply_with(test::make_unauthorized));
  EXPECT_EQ(failure_of(world.fetch()).why, reason::api_unauthorized);
  EXPECT_THAT(world.server.requests().at(0).head, testing::Not(testing::HasSubstr(world.token)));
  EXPECT_EQ(world.server.counts().requests, 1U) << "there is no token that another try could do better with";
}

TEST_F(ApiClient, UsesOneConnectionForManyCalls) {
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(succeeds());
  EXPECT_EQ(server.counts().accepted, 1U);
  EXPECT_EQ(server.counts().requests, 20U);
}

TEST_F(ApiClient, MakesANewConnectionWhenTheOldOneIsTooOldOrWasIdleTooLong) {
  for (auto* limit : {&settings.max_idle, &settings.max_life}) {
    const auto usual = std::exchange(*limit, 0s);
    client.reset();
    server.forget();
    ASSERT_TRUE(succeeds());
    ASSERT_TRUE(succeeds());
    EXPECT_EQ(server.counts().accepted, 2U);
    *limit = usual;
  }
}

TEST_F(ApiClient, HonoursConnectionClose) {
  server.inject(test::raw_answer(response_with(body_of_pod(), "Connection: close\r\n")));
  ASSERT_TRUE(succeeds());
  EXPECT_TRUE(all_closed());
  ASSERT_TRUE(succeeds());
  EXPECT_EQ(server.counts().accepted, 2U);
}

TEST_F(ApiClient, ConnectionThatTheServerClosedWhileIdleCostsNoRetry) {
  settings.limiter = std::make_shared<rate_limiter>(2);
  settings.timeout = 400ms;  // a retry would have to wait for longer
  server.inject(test::times(1, test::raw_answer(response_with(body_of_pod()), test::afterwards::close)));
  ASSERT_TRUE(succeeds());
  ASSERT_TRUE(all_closed());
  EXPECT_TRUE(succeeds());
  EXPECT_EQ(server.counts().accepted, 2U);
}

TEST_F(ApiClient, PreparesAConnectionAndNothingOfTheRequest) {
  ASSERT_TRUE(succeeds());
  ASSERT_TRUE(succeeds());
  ASSERT_EQ(at_close.size(), 2U);
  EXPECT_EQ(at_close[0].accepted, 1U);
  EXPECT_EQ(at_close[0].application_bytes, 0U);
  EXPECT_EQ(at_close[1].requests, 1U);
}

TEST_F(ApiClient, IsNotPreparedBeforeTheConnectionStands) {
  settings.timeout = short_timeout;
  for (const auto at : {test::phase::connect, test::phase::handshake}) {
    server.inject(test::times(1, test::silence_at(at)));
    EXPECT_EQ(failure_of(fetch()).why, reason::api_timeout);
  }
  EXPECT_TRUE(at_close.empty());
}

/// Who asks while the rate holds the request back still shares it.
TEST_F(ApiClient, IsNotPreparedBeforeTheRateAllowsTheRequest) {
  settings.limiter = std::make_shared<rate_limiter>(5);
  ASSERT_TRUE(succeeds());
  const auto call = start();
  context.restart();
  context.run_for(50ms);
  EXPECT_EQ(at_close.size(), 1U);
  finish(call);
  EXPECT_EQ(at_close.size(), 2U);
}

TEST_F(ApiClient, OneCallBeginsWhenTheOtherHasEnded) {
  server.hold_answers();
  const auto first = start();
  const auto second = start();
  const auto third = start_list();
  for (std::uint64_t requests = 1; requests <= 3; ++requests) {
    ASSERT_TRUE(run_until_requested(requests));
    test::run_ready(context);
    EXPECT_EQ(server.counts().requests, requests);
    EXPECT_EQ(at_close.size(), std::min<std::uint64_t>(requests, 2));
    ASSERT_TRUE(server.wait_until_held(1));
    server.release_one();
  }
  finish(third);
  EXPECT_TRUE(first->value);
  EXPECT_TRUE(second->value);
  EXPECT_EQ(server.counts().accepted, 1U);
}

TEST_F(ApiClient, SnapshotIsAsOldAsItsRequestNotItsResponse) {
  server.hold_answers();
  const auto call = start();
  ASSERT_TRUE(run_until_requested(1));
  const auto requested = boottime_clock::now();
  server.stop_holding();
  ASSERT_TRUE(run_until([&] { return call->value.has_value(); }));
  const auto& result = *call->value;
  ASSERT_TRUE(result) << failure_of(result).detail;
  EXPECT_LE(result->observed, requested);
}

TEST_F(ApiClient, MayBeDestroyedInTheMiddleOfACall) {
  server.hold_answers();
  const auto call = start();
  ASSERT_TRUE(run_until_requested(1));
  client.reset();
  EXPECT_FALSE(call->value);
}

}  // namespace
}  // namespace sidecar::kube
