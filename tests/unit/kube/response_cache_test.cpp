#include "sidecar/kube/response_cache.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "support/recording.hpp"

namespace sidecar::kube {
namespace {

using health::reason;

const pod_name game{"demo", "game-0"};

api_response pod_response(std::string body) {
  api_response response;
  response.status = 200;
  response.body = std::move(body);
  return response;
}

std::string game_body() { return test::recorded_body("pod-ready"); }

/// The recorded pod with one text in place of another one as long.
std::string changed(std::string_view from, std::string_view to) {
  auto body = game_body();
  EXPECT_EQ(from.size(), to.size());
  const auto at = body.find(from);
  EXPECT_NE(at, std::string::npos);
  return body.replace(at, from.size(), to);
}

std::string version_of(const std::variant<health::pod_state, failure>& meaning) {
  const auto* state = std::get_if<health::pod_state>(&meaning);
  const auto* pod = state ? std::get_if<health::pod>(state) : nullptr;
  return pod ? pod->resource_version : "no pod";
}

reason reason_of(const std::variant<health::pod_state, failure>& meaning) {
  EXPECT_TRUE(std::holds_alternative<failure>(meaning));
  return std::holds_alternative<failure>(meaning) ? std::get<failure>(meaning).why : reason::draining;
}

class ResponseCache : public testing::Test {
 protected:
  response_cache cache{game};
};

TEST_F(ResponseCache, TheSameBytesMeanTheSame) {
  const auto first = cache.classify(pod_response(game_body()));
  const auto again = cache.classify(pod_response(game_body()));
  ASSERT_NE(version_of(first), "no pod");
  EXPECT_EQ(version_of(again), version_of(first));
  const auto& pod = std::get<health::pod>(std::get<health::pod_state>(again));
  EXPECT_FALSE(pod.statuses.empty());
  EXPECT_FALSE(pod.containers.empty());
  EXPECT_EQ(pod.name, "game-0");
}

TEST_F(ResponseCache, OneByteMakesAnotherPod) {
  cache.classify(pod_response(game_body()));
  const auto other = cache.classify(pod_response(changed(R"("ready":true)", R"("ready": 0  )")));
  EXPECT_EQ(reason_of(other), reason::api_protocol);
  const auto unready = cache.classify(pod_response(test::recorded_body("pod-one-container-not-ready")));
  ASSERT_TRUE(std::holds_alternative<health::pod_state>(unready));
  const auto ready_again = cache.classify(pod_response(game_body()));
  EXPECT_NE(version_of(ready_again), version_of(unready));
}

TEST_F(ResponseCache, WhatCameBetweenIsNotForgottenForIt) {
  cache.classify(pod_response(game_body()));
  api_response busy;
  busy.status = 429;
  EXPECT_EQ(reason_of(cache.classify(busy)), reason::api_busy);
  EXPECT_NE(version_of(cache.classify(pod_response(game_body()))), "no pod");
}

TEST_F(ResponseCache, TheStatusAndTheCodingCountBeforeTheBody) {
  cache.classify(pod_response(game_body()));
  for (const unsigned status : {201U, 404U, 500U}) {
    auto response = pod_response(game_body());
    response.status = status;
    EXPECT_TRUE(std::holds_alternative<failure>(cache.classify(response))) << status;
  }
  auto compressed = pod_response(game_body());
  compressed.content_encoding = "gzip";
  EXPECT_EQ(reason_of(cache.classify(compressed)), reason::api_protocol);
}

TEST_F(ResponseCache, WhatIsCutIsNotWhatItWasBefore) {
  cache.classify(pod_response(game_body()));
  auto cut = pod_response(game_body());
  cut.is_cut = true;
  EXPECT_EQ(reason_of(cache.classify(cut)), reason::api_protocol);
}

TEST_F(ResponseCache, APodThatIsGoneIsGone) {
  cache.classify(pod_response(game_body()));
  auto gone = pod_response(R"({"kind":"Status","status":"Failure","reason":"NotFound","code":404,)"
                           R"("details":{"name":"game-0","kind":"pods"}})");
  gone.status = 404;
  const auto meaning = cache.classify(gone);
  ASSERT_TRUE(std::holds_alternative<health::pod_state>(meaning));
  EXPECT_TRUE(std::holds_alternative<health::absent_pod>(std::get<health::pod_state>(meaning)));
}

TEST_F(ResponseCache, AnEmptyBodyIsNoPod) {
  EXPECT_EQ(reason_of(cache.classify(pod_response({}))), reason::api_protocol);
  cache.classify(pod_response(game_body()));
  EXPECT_EQ(reason_of(cache.classify(pod_response({}))), reason::api_protocol);
}

TEST_F(ResponseCache, WhatIsTooLongToKeepIsReadEachTime) {
  const auto large = game_body() + std::string(64 * 1024, ' ');
  cache.classify(pod_response(game_body()));
  EXPECT_NE(version_of(cache.classify(pod_response(large))), "no pod");
  EXPECT_NE(version_of(cache.classify(pod_response(large))), "no pod");
  EXPECT_NE(version_of(cache.classify(pod_response(game_body()))), "no pod");
}

TEST(ResponseCacheOfAnotherPod, RefusesWhatIsNotAboutIt) {
  response_cache cache({"demo", "game-1"});
  EXPECT_EQ(reason_of(cache.classify(pod_response(game_body()))), reason::api_protocol);
  EXPECT_EQ(reason_of(cache.classify(pod_response(game_body()))), reason::api_protocol);
}

}  // namespace
}  // namespace sidecar::kube
