#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sidecar/kube/api_client.hpp"
#include "unit/kube/api_client_world.hpp"

namespace sidecar::kube {
namespace {

using namespace std::chrono_literals;
using health::reason;
using test::phase;

// 5 calls a second are 200 ms apart; the server's clock stops when its thread gets to read.
constexpr std::chrono::milliseconds almost_the_gap{130};

class ApiClientRetry : public testing::Test, protected client_world {
 protected:
  /// Starts a call and runs it until the server has read its request, whose response is decided but waits.
  std::shared_ptr<test::started<fetch_result>> start_and_hold() {
    server.hold_answers();
    auto call = start();
    EXPECT_TRUE(run_until_requested(1));
    return call;
  }

  fetch_result release(const std::shared_ptr<test::started<fetch_result>>& call) {
    server.stop_holding();
    return finish(call);
  }

  std::chrono::steady_clock::duration gap_between_requests() const {
    const auto seen = server.requests();
    EXPECT_EQ(seen.size(), 2U);
    return seen.at(1).when - seen.at(0).when;
  }
};

TEST_F(ApiClientRetry, KeptConnectionThatDiesBeforeTheResponseIsReplaced) {
  for (const auto& end :
       {test::close_at(phase::next_request), test::close_at(phase::next_request, false),
        test::reset_at(phase::next_request), test::close_at(phase::request), test::reset_at(phase::request)}) {
    ASSERT_TRUE(succeeds());
    server.forget();
    server.inject(test::times(1, end));
    const auto result = fetch();  // by get_pod(): the batch is closed, and a retry does not reopen it
    EXPECT_TRUE(result) << failure_of(result).detail;
    EXPECT_EQ(server.counts().accepted, 1U);
  }
}

TEST_F(ApiClientRetry, SecondConnectionThatDiesTooIsTheEnd) {
  ASSERT_TRUE(succeeds());
  server.inject(test::times(1, test::close_at(phase::next_request)));
  server.inject(test::times(1, test::close_at(phase::secured)));
  const auto problem = failure_of(fetch());
  EXPECT_EQ(problem.why, reason::api_unreachable);
  EXPECT_THAT(problem.detail, testing::StartsWith("before the response: "));
  EXPECT_EQ(server.counts().accepted, 2U);
  EXPECT_EQ(server.faults_left(), 0U);
}

TEST_F(ApiClientRetry, NothingIsRetriedOnceAByteOfTheResponseCame) {
  for (const auto& end : {test::close_at(phase::headers), test::reset_at(phase::body)}) {
    ASSERT_TRUE(succeeds());
    server.forget();
    server.inject(test::times(1, end));
    EXPECT_EQ(failure_of(fetch()).why, reason::api_unreachable);
    EXPECT_EQ(server.counts().requests, 1U);
    EXPECT_EQ(server.counts().accepted, 0U);
  }
}

TEST_F(ApiClientRetry, TokenRotatedBetweenCallsNeedsNoRetry) {
  ASSERT_TRUE(succeeds());
  server.revoke_token(token);
  token = server.add_token();
  files.rotate(token, server.ca());
  EXPECT_TRUE(succeeds());
  EXPECT_EQ(server.counts().requests, 2U);
  EXPECT_EQ(server.counts().accepted, 1U) << "the connection is as good as before";
  EXPECT_EQ(server.requests().at(1).authorization, "Bearer " + token);
}

TEST_F(ApiClientRetry, TokenRotatedDuringTheCallIsReadAndUsedAtOnce) {
  server.revoke_token(token);
  const auto call = start_and_hold();
  token = server.add_token();
  files.rotate(token, server.ca());
  const auto result = release(call);
  EXPECT_TRUE(result) << failure_of(result).detail;
  EXPECT_EQ(server.counts().requests, 2U);
  EXPECT_EQ(server.requests().at(1).authorization, "Bearer " + token);
}

TEST_F(ApiClientRetry, TokenThatIsTheSameOrRefusedTooIsTheEnd) {
  server.revoke_token(token);
  EXPECT_EQ(failure_of(fetch()).why, reason::api_unauthorized);
  EXPECT_EQ(server.counts().requests, 1U);
  server.forget();
  const auto call = start_and_hold();
  files.rotate(test::make_token(), server.ca());
  EXPECT_EQ(failure_of(release(call)).why, reason::api_unauthorized);
  EXPECT_EQ(server.counts().requests, 2U);
}

TEST_F(ApiClientRetry, CaRotatedDuringTheHandshakeIsReadAndUsedAtOnce) {
  const auto next = server.replace_authority();
  server.inject(test::times(1, test::pause_at(phase::handshake, 100ms)));
  const auto call = start();
  ASSERT_TRUE(run_until([&] { return server.counts().accepted == 1; }));
  files.rotate(token, next);
  ASSERT_TRUE(run_until([&] { return call->value.has_value(); }));
  EXPECT_TRUE(*call->value) << failure_of(*call->value).detail;
  EXPECT_EQ(server.counts().accepted, 2U);
  EXPECT_EQ(server.counts().requests, 1U);
}

TEST_F(ApiClientRetry, BundleMayHoldAnIntermediateAuthorityAlone) {
  const test::certificate_authority root;
  const test::certificate_authority intermediate("intermediate", &root);
  server.use_certificate(intermediate.issue());
  files.rotate(token, intermediate.pem());
  const auto result = fetch();
  EXPECT_TRUE(result) << failure_of(result).detail;
}

TEST_F(ApiClientRetry, CaRotatedBetweenCallsNeedsNoRetryAndEndsTheConnectionThatTheOldOneVerified) {
  ASSERT_TRUE(succeeds());
  files.rotate(token, server.replace_authority());
  EXPECT_TRUE(succeeds());
  EXPECT_EQ(server.counts().accepted, 2U);
  EXPECT_EQ(server.counts().handshakes, 2U);
  files.rotate(token, test::certificate_authority{}.pem());
  EXPECT_EQ(failure_of(fetch()).why, reason::api_untrusted);
  EXPECT_EQ(server.counts().requests, 2U);
}

TEST_F(ApiClientRetry, TokenOrCaGoneBadKeepsTheOldOneAndItsConnection) {
  ASSERT_TRUE(succeeds());
  for (const auto& [bad_token, bad_ca] :
       {std::pair<std::string, std::string>{"no\ntoken", "garbage"}, {"", "-----BEGIN CERTIFICATE-----"}}) {
    files.rotate(bad_token, bad_ca);
    EXPECT_TRUE(succeeds()) << bad_ca;
    EXPECT_EQ(server.requests().back().authorization, "Bearer " + token);
  }
  EXPECT_EQ(server.counts().accepted, 1U);
}

TEST_F(ApiClientRetry, KeepsTheRateLikeAnyCallHoweverLongTheFirstTookToConnect) {
  settings.limiter = std::make_shared<rate_limiter>(5);
  server.inject(test::times(1, test::pause_at(phase::handshake, 150ms)));
  ASSERT_TRUE(succeeds());
  ASSERT_TRUE(succeeds());
  EXPECT_GE(gap_between_requests(), almost_the_gap);
  server.forget();
  server.revoke_token(token);
  const auto call = start_and_hold();
  token = server.add_token();
  files.rotate(token, server.ca());
  EXPECT_TRUE(release(call));
  EXPECT_GE(gap_between_requests(), almost_the_gap);
}

TEST_F(ApiClientRetry, DeadlineCoversTheWaitForTheRetry) {
  settings.limiter = std::make_shared<rate_limiter>(1);
  settings.timeout = short_timeout;
  server.revoke_token(token);
  const auto call = start_and_hold();
  files.rotate(server.add_token(), server.ca());
  EXPECT_EQ(failure_of(release(call)).why, reason::api_timeout);
  ASSERT_TRUE(succeeds());
  EXPECT_EQ(server.counts().requests, 2U) << "the call that was out of time made another request";
}

}  // namespace
}  // namespace sidecar::kube
