#include "sidecar/kube/answer_memo.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "support/recording.hpp"

namespace sidecar::kube {
namespace {

using health::reason;

const pod_name game{"demo", "game-0"};

api_answer pod_answer(std::string body) {
  api_answer answer;
  answer.status = 200;
  answer.body = std::move(body);
  return answer;
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

std::string version_of(const std::variant<health::pod_truth, failure>& meaning) {
  const auto* truth = std::get_if<health::pod_truth>(&meaning);
  const auto* pod = truth ? std::get_if<health::pod>(truth) : nullptr;
  return pod ? pod->resource_version : "no pod";
}

reason reason_of(const std::variant<health::pod_truth, failure>& meaning) {
  EXPECT_TRUE(std::holds_alternative<failure>(meaning));
  return std::holds_alternative<failure>(meaning) ? std::get<failure>(meaning).why : reason::draining;
}

class AnswerMemo : public testing::Test {
 protected:
  answer_memo memo{game};
};

TEST_F(AnswerMemo, TheSameBytesMeanTheSame) {
  const auto first = memo.classify(pod_answer(game_body()));
  const auto again = memo.classify(pod_answer(game_body()));
  ASSERT_NE(version_of(first), "no pod");
  EXPECT_EQ(version_of(again), version_of(first));
  const auto& pod = std::get<health::pod>(std::get<health::pod_truth>(again));
  EXPECT_FALSE(pod.statuses.empty());
  EXPECT_FALSE(pod.containers.empty());
  EXPECT_EQ(pod.name, "game-0");
}

TEST_F(AnswerMemo, OneByteMakesAnotherPod) {
  memo.classify(pod_answer(game_body()));
  const auto other = memo.classify(pod_answer(changed(R"("ready":true)", R"("ready": 0  )")));
  EXPECT_EQ(reason_of(other), reason::api_protocol);
  const auto unready = memo.classify(pod_answer(test::recorded_body("pod-one-container-not-ready")));
  ASSERT_TRUE(std::holds_alternative<health::pod_truth>(unready));
  const auto ready_again = memo.classify(pod_answer(game_body()));
  EXPECT_NE(version_of(ready_again), version_of(unready));
}

TEST_F(AnswerMemo, WhatCameBetweenIsNotForgottenForIt) {
  memo.classify(pod_answer(game_body()));
  api_answer busy;
  busy.status = 429;
  EXPECT_EQ(reason_of(memo.classify(busy)), reason::api_busy);
  EXPECT_NE(version_of(memo.classify(pod_answer(game_body()))), "no pod");
}

TEST_F(AnswerMemo, TheStatusAndTheCodingCountBeforeTheBody) {
  memo.classify(pod_answer(game_body()));
  for (const unsigned status : {201U, 404U, 500U}) {
    auto answer = pod_answer(game_body());
    answer.status = status;
    EXPECT_TRUE(std::holds_alternative<failure>(memo.classify(answer))) << status;
  }
  auto compressed = pod_answer(game_body());
  compressed.content_encoding = "gzip";
  EXPECT_EQ(reason_of(memo.classify(compressed)), reason::api_protocol);
}

TEST_F(AnswerMemo, WhatIsCutIsNotWhatItWasBefore) {
  memo.classify(pod_answer(game_body()));
  auto cut = pod_answer(game_body());
  cut.is_cut = true;
  EXPECT_EQ(reason_of(memo.classify(cut)), reason::api_protocol);
}

TEST_F(AnswerMemo, APodThatIsGoneIsGone) {
  memo.classify(pod_answer(game_body()));
  auto gone = pod_answer(R"({"kind":"Status","status":"Failure","reason":"NotFound","code":404,)"
                         R"("details":{"name":"game-0","kind":"pods"}})");
  gone.status = 404;
  const auto meaning = memo.classify(gone);
  ASSERT_TRUE(std::holds_alternative<health::pod_truth>(meaning));
  EXPECT_TRUE(std::holds_alternative<health::no_pod>(std::get<health::pod_truth>(meaning)));
}

TEST_F(AnswerMemo, AnEmptyBodyIsNoPod) {
  EXPECT_EQ(reason_of(memo.classify(pod_answer({}))), reason::api_protocol);
  memo.classify(pod_answer(game_body()));
  EXPECT_EQ(reason_of(memo.classify(pod_answer({}))), reason::api_protocol);
}

TEST_F(AnswerMemo, WhatIsTooLongToKeepIsReadEachTime) {
  const auto large = game_body() + std::string(64 * 1024, ' ');
  memo.classify(pod_answer(game_body()));
  EXPECT_NE(version_of(memo.classify(pod_answer(large))), "no pod");
  EXPECT_NE(version_of(memo.classify(pod_answer(large))), "no pod");
  EXPECT_NE(version_of(memo.classify(pod_answer(game_body()))), "no pod");
}

TEST(AnswerMemoOfAnotherPod, RefusesWhatIsNotAboutIt) {
  answer_memo memo({"demo", "game-1"});
  EXPECT_EQ(reason_of(memo.classify(pod_answer(game_body()))), reason::api_protocol);
  EXPECT_EQ(reason_of(memo.classify(pod_answer(game_body()))), reason::api_protocol);
}

}  // namespace
}  // namespace sidecar::kube
