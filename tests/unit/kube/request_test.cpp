#include "sidecar/kube/request.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/recording.hpp"

namespace sidecar::kube {
namespace {

using namespace std::chrono_literals;
using health::reason;

const pod_name game{"demo", "game-0"};

api_answer recorded(const std::string& name) {
  answer_reader reader;
  EXPECT_TRUE(reader.feed(test::test_data("recordings/" + name)));
  return reader.take();
}

api_answer plain(unsigned status, std::string body = {}, std::string retry_after = {}) {
  api_answer answer;
  answer.status = status;
  answer.body = std::move(body);
  answer.retry_after = std::move(retry_after);
  return answer;
}

reason reason_of(const api_answer& answer, const pod_name& pod = game) {
  const auto meaning = classify(answer, pod);
  EXPECT_TRUE(std::holds_alternative<failure>(meaning));
  return std::holds_alternative<failure>(meaning) ? std::get<failure>(meaning).why : reason::draining;
}

TEST(RenderGet, NamesThePodAndCarriesNoToken) {
  EXPECT_EQ(render_get(game, "[fd00::1]:6443", "me/1"),
            "GET /api/v1/namespaces/demo/pods/game-0 HTTP/1.1\r\nHost: [fd00::1]:6443\r\nUser-Agent: me/1\r\n"
            "Accept: application/json\r\n");
}

TEST(RenderWatch, AsksForThePodAloneFromAVersionOn) {
  EXPECT_EQ(render_watch(game, "234", 271s, "10.96.0.1:443", "me/1"),
            "GET /api/v1/namespaces/demo/pods?watch=true&allowWatchBookmarks=true&fieldSelector=metadata.name%3Dgame-0"
            "&timeoutSeconds=271&resourceVersion=234 HTTP/1.1\r\nHost: 10.96.0.1:443\r\nUser-Agent: me/1\r\n"
            "Accept: application/json\r\n");
}

TEST(RenderWatch, BeginsWithThePodAsItIsWhereThereIsNoVersion) {
  EXPECT_THAT(render_watch(game, "", 240s, "h", "me/1"),
              testing::StartsWith("GET /api/v1/namespaces/demo/pods?watch=true&allowWatchBookmarks=true&fieldSelector="
                                  "metadata.name%3Dgame-0&timeoutSeconds=240 HTTP/1.1\r\n"));
}

TEST(RefusalOf, DecidesOnTheStatusAndTellsWhatTheStatusObjectSays) {
  const auto forbidden = refusal_of(recorded("forbidden-403.http"));
  EXPECT_EQ(forbidden.why, reason::api_forbidden);
  EXPECT_THAT(forbidden.detail, testing::StartsWith("HTTP 403: pods \"game-0\" is forbidden: "));
  const auto busy = refusal_of(recorded("too-many-requests-429.http"));
  EXPECT_EQ(busy.why, reason::api_busy);
  EXPECT_EQ(busy.retry_after, 2s);
  EXPECT_EQ(busy.detail, "HTTP 429");
  const auto no_version = refusal_of(recorded("watch-not-a-version.http"));
  EXPECT_EQ(no_version.why, reason::api_error);
  EXPECT_THAT(no_version.detail, testing::HasSubstr("Invalid value"));
}

TEST(RefusalOf, KnowsEveryKindOfStatus) {
  EXPECT_EQ(refusal_of(plain(401)).why, reason::api_unauthorized);
  EXPECT_EQ(refusal_of(plain(404)).why, reason::api_protocol);
  EXPECT_EQ(refusal_of(plain(410)).why, reason::api_protocol);
  EXPECT_EQ(refusal_of(plain(503, "<html>", "1")).why, reason::api_error);
  EXPECT_EQ(refusal_of(plain(503, "<html>", "1")).retry_after, 1s);
  EXPECT_EQ(refusal_of(plain(302)).why, reason::api_protocol);
}

TEST(Classify, RecordedPodIsTruth) {
  const auto meaning = classify(recorded("pod-ready.http"), game);
  ASSERT_TRUE(std::holds_alternative<health::pod_truth>(meaning));
  EXPECT_EQ(std::get<health::pod>(std::get<health::pod_truth>(meaning)).name, "game-0");
}

TEST(Classify, RecordedNotFoundIsTruthForThatPodAlone) {
  const auto answer = recorded("not-found-404.http");
  const auto meaning = classify(answer, {"demo", "absent"});
  ASSERT_TRUE(std::holds_alternative<health::pod_truth>(meaning));
  EXPECT_TRUE(std::holds_alternative<health::no_pod>(std::get<health::pod_truth>(meaning)));
  EXPECT_EQ(reason_of(answer, game), reason::api_protocol) << "it speaks of another pod";
}

TEST(Classify, RecordedRefusals) {
  EXPECT_EQ(reason_of(recorded("unauthorized-401.http")), reason::api_unauthorized);
  EXPECT_EQ(reason_of(recorded("forbidden-403.http")), reason::api_forbidden);
  EXPECT_EQ(reason_of(recorded("no-token-403.http")), reason::api_forbidden);
  EXPECT_EQ(reason_of(recorded("too-many-requests-429.http")), reason::api_busy);
}

TEST(Classify, RecordedBackOffIsHonoured) {
  const auto meaning = classify(recorded("too-many-requests-429.http"), game);
  EXPECT_EQ(std::get<failure>(meaning).retry_after, 2s);
}

TEST(Classify, CompressedPodIsNotRead) {
  EXPECT_EQ(reason_of(recorded("pod-large-gzip-asked.http"), {"demo", "big-0"}), reason::api_protocol);
}

TEST(Classify, AnotherPodOrNamespaceIsNotOurs) {
  EXPECT_EQ(reason_of(recorded("pod-ready.http"), {"demo", "game-1"}), reason::api_protocol);
  EXPECT_EQ(reason_of(recorded("pod-ready.http"), {"prod", "game-0"}), reason::api_protocol);
}

TEST(Classify, ListOfPodsIsNotAPod) { EXPECT_EQ(reason_of(recorded("list-one-pod.http")), reason::api_protocol); }

struct status_row {
  unsigned status;
  std::string body;
  reason expected;
};

TEST(Classify, DecidesOnTheStatusBeforeTheBody) {
  const std::string pod_body = test::recorded_body("pod-ready");
  const std::vector<status_row> rows{
      {201, pod_body, reason::api_protocol},
      {204, "", reason::api_protocol},
      {206, pod_body, reason::api_protocol},
      {301, "", reason::api_protocol},
      {302, "", reason::api_protocol},
      {307, pod_body, reason::api_protocol},
      {308, "", reason::api_protocol},
      {400, "", reason::api_protocol},
      {401, pod_body, reason::api_unauthorized},
      {403, "<html>", reason::api_forbidden},
      {404, "<html>not here</html>", reason::api_protocol},
      {404, "", reason::api_protocol},
      {409, "", reason::api_protocol},
      {410, "", reason::api_protocol},
      {418, "", reason::api_protocol},
      {429, "later", reason::api_busy},
      {500, "", reason::api_error},
      {502, "<html>", reason::api_error},
      {503, "{}", reason::api_error},
      {504, pod_body, reason::api_error},
      {599, "", reason::api_error},
      {600, "", reason::api_protocol},
      {200, "", reason::api_protocol},
      {200, "not json", reason::api_protocol},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(std::to_string(row.status) + ' ' + row.body.substr(0, 20));
    EXPECT_EQ(reason_of(plain(row.status, row.body)), row.expected);
  }
}

TEST(Classify, NotFoundMustSpeakOfPods) {
  const auto status = [](const std::string& kind, const std::string& details_kind, const std::string& why) {
    return plain(404, R"({"kind":")" + kind + R"(","reason":")" + why + R"(","details":{"name":"game-0","kind":")" +
                          details_kind + R"("}})");
  };
  EXPECT_TRUE(std::holds_alternative<health::pod_truth>(classify(status("Status", "pods", "NotFound"), game)));
  EXPECT_EQ(reason_of(status("Status", "namespaces", "NotFound")), reason::api_protocol);
  EXPECT_EQ(reason_of(status("Status", "pods", "Gone")), reason::api_protocol);
  EXPECT_EQ(reason_of(status("Pod", "pods", "NotFound")), reason::api_protocol);
}

TEST(ParseRetryAfter, TakesSecondsUpToFive) {
  EXPECT_EQ(parse_retry_after("0"), 0s);
  EXPECT_EQ(parse_retry_after("1"), 1s);
  EXPECT_EQ(parse_retry_after("5"), 5s);
  EXPECT_EQ(parse_retry_after("3600"), 5s);
  EXPECT_EQ(parse_retry_after("99999999999999999999"), 5s);
}

TEST(ParseRetryAfter, IgnoresWhatIsNoNumberOfSeconds) {
  for (const auto* text : {"", "-1", "+1", "abc", "1e99", "1.5", " 1", "Wed, 21 Oct 2026 07:28:00 GMT"}) {
    EXPECT_EQ(parse_retry_after(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace sidecar::kube
