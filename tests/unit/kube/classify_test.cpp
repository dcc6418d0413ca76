#include "sidecar/kube/classify.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "support/recording.hpp"

namespace sidecar::kube {
namespace {

using namespace std::chrono_literals;
using health::reason;

const pod_name game{"demo", "game-0"};

api_response recorded(const std::string& name) {
  response_parser parser;
  EXPECT_TRUE(parser.feed(test::test_data("recordings/" + name)));
  return parser.take();
}

api_response plain(unsigned status, std::string body = {}, std::string retry_after = {}) {
  api_response response;
  response.status = status;
  response.body = std::move(body);
  response.retry_after = std::move(retry_after);
  return response;
}

reason reason_of(const api_response& response, const pod_name& pod = game) {
  const auto meaning = classify(response, pod);
  EXPECT_TRUE(std::holds_alternative<failure>(meaning));
  return std::holds_alternative<failure>(meaning) ? std::get<failure>(meaning).why : reason::draining;
}

TEST(RefusalOf, DecidesOnTheStatusAndShowsWhatTheStatusObjectSays) {
  const auto forbidden = refusal_of(recorded("forbidden-403.http"));
  EXPECT_EQ(forbidden.why, reason::api_forbidden);
  EXPECT_THAT(forbidden.detail, testing::StartsWith("HTTP 403: pods \"game-0\" is forbidden: "));
  const auto busy = refusal_of(recorded("too-many-requests-429.http"));
  EXPECT_EQ(busy.why, reason::api_busy);
  EXPECT_EQ(busy.retry_after, 2s);
  EXPECT_EQ(busy.detail, "HTTP 429: Too many requests, please try again later.");
  const auto no_version = refusal_of(recorded("watch-not-a-version.http"));
  EXPECT_EQ(no_version.why, reason::api_error);
  EXPECT_THAT(no_version.detail, testing::HasSubstr("Invalid value"));
}

TEST(RefusalOf, ShowsTheTextOfAnErrorAndOfNothingElse) {
  EXPECT_EQ(refusal_of(plain(400, "Client sent an HTTP request to an HTTPS server.\n")).detail,
            "HTTP 400: Client sent an HTTP request to an HTTPS server.");
  EXPECT_EQ(refusal_of(plain(503, "<html><h1>No server</h1></html>")).detail, "HTTP 503: No server");
  EXPECT_EQ(refusal_of(plain(502)).detail, "HTTP 502");
  EXPECT_EQ(refusal_of(plain(206, "{\"kind\":\"Pod\"}")).detail, "HTTP 206") << "a pod's text is not for the log";
  EXPECT_EQ(refusal_of(plain(302, "<a>Found</a>")).detail, "HTTP 302");
  auto compressed = plain(503, "\x1f\x8b");
  compressed.content_encoding = "gzip";
  EXPECT_EQ(refusal_of(compressed).detail, "HTTP 503");
}

TEST(IsKnownByStatus, OfAllButWhatTheApiServerMustHaveSaidInFull) {
  for (const unsigned status : {201U, 204U, 206U, 302U, 400U, 401U, 403U, 408U, 429U, 500U, 502U, 503U, 999U}) {
    EXPECT_TRUE(is_known_by_status(plain(status))) << status;
  }
  for (const unsigned status : {0U, 100U, 101U, 103U, 200U, 404U, 410U}) {
    EXPECT_FALSE(is_known_by_status(plain(status))) << status;
  }
}

TEST(IsExpiry, IsA410WithTheWholeOfItsStatus) {
  auto gone = plain(410, R"({"kind":"Status","reason":"Expired","code":410})");
  EXPECT_TRUE(is_expiry(gone));
  EXPECT_FALSE(is_expiry(plain(410, "<html>Gone</html>")));
  EXPECT_FALSE(is_expiry(plain(410, gone.body.substr(0, gone.body.size() - 1))));
  EXPECT_FALSE(is_expiry(plain(404, gone.body)));
  gone.is_cut = true;
  EXPECT_FALSE(is_expiry(gone));
}

TEST(IsCompressed, IsEveryCodingButIdentityInAnyCase) {
  const auto coded = [](const std::string& coding) {
    api_response response;
    response.content_encoding = coding;
    return is_compressed(response);
  };
  for (const auto* const coding :
       {"", "identity", "Identity", "IDENTITY", "identity,identity", "identity, Identity", " identity\t,"}) {
    EXPECT_FALSE(coded(coding)) << coding;
  }
  for (const auto* const coding : {"gzip", "GZIP", "br", "identity,gzip", "gzip, identity", ",gzip", "identities",
                                   "\"gzip\"", "identity;q=1", "identity gzip"}) {
    EXPECT_TRUE(coded(coding)) << coding;
  }
}

TEST(RefusalOf, KnowsEveryKindOfStatus) {
  EXPECT_EQ(refusal_of(plain(401)).why, reason::api_unauthorized);
  EXPECT_EQ(refusal_of(plain(404)).why, reason::api_protocol);
  EXPECT_EQ(refusal_of(plain(410)).why, reason::api_protocol);
  EXPECT_EQ(refusal_of(plain(503, "<html>", "1")).why, reason::api_error);
  EXPECT_EQ(refusal_of(plain(503, "<html>", "1")).retry_after, 1s);
  EXPECT_EQ(refusal_of(plain(302)).why, reason::api_protocol);
}

TEST(Classify, RecordedPodIsAPod) {
  const auto meaning = classify(recorded("pod-ready.http"), game);
  ASSERT_TRUE(std::holds_alternative<health::pod_state>(meaning));
  EXPECT_EQ(std::get<health::pod>(std::get<health::pod_state>(meaning)).name, "game-0");
}

TEST(Classify, RecordedNotFoundIsTruthForThatPodAlone) {
  const auto response = recorded("not-found-404.http");
  const auto meaning = classify(response, {"demo", "absent"});
  ASSERT_TRUE(std::holds_alternative<health::pod_state>(meaning));
  EXPECT_TRUE(std::holds_alternative<health::absent_pod>(std::get<health::pod_state>(meaning)));
  EXPECT_EQ(reason_of(response, game), reason::api_protocol) << "it speaks of another pod";
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

/// A pod that is cut may look like another one, with fewer containers.
TEST(Classify, WhatIsCutIsNeitherAPodNorItsAbsence) {
  auto cut_pod = recorded("pod-ready.http");
  cut_pod.is_cut = true;
  EXPECT_EQ(reason_of(cut_pod), reason::api_protocol);
  auto absent = recorded("not-found-404.http");
  absent.is_cut = true;
  EXPECT_EQ(reason_of(absent, {"demo", "absent"}), reason::api_protocol);
  absent.is_cut = false;
  absent.body.resize(absent.body.size() / 2);
  EXPECT_EQ(reason_of(absent, {"demo", "absent"}), reason::api_protocol) << "the end of its connection cut it";
}

TEST(Classify, ErrorsCountThoughTheyAreCut) {
  for (const auto& [status, why] : {std::pair{401U, reason::api_unauthorized}, std::pair{403U, reason::api_forbidden},
                                    std::pair{429U, reason::api_busy}, std::pair{503U, reason::api_error}}) {
    auto response = plain(status, "so", "3");
    response.is_cut = true;
    EXPECT_EQ(reason_of(response), why);
    EXPECT_EQ(std::get<failure>(classify(response, game)).retry_after, 3s);
  }
}

TEST(Classify, PodThatIsTooLongIsNamedWithItsSizeAndTheRemedy) {
  auto response = plain(200);
  response.excess = body_excess{.bytes = 3'145'728, .is_all = true, .limit = 2'097'152};
  const auto problem = std::get<failure>(classify(response, game));
  EXPECT_EQ(problem.why, reason::api_protocol);
  EXPECT_EQ(problem.detail,
            "the response has 3145728 bytes (3.0 MiB), and a pod's JSON is read up to 2097152 bytes (2.0 MiB): shorten "
            "the pod's annotations, or clear its managedFields (kubectl patch pod NAME --type=merge -p "
            "'{\"metadata\":{\"managedFields\":[{}]}}')");
  response.excess->is_all = false;
  EXPECT_THAT(std::get<failure>(classify(response, game)).detail, testing::HasSubstr("has more than 3145728 bytes"));
}

TEST(Classify, NotFoundMustSpeakOfPods) {
  const auto status = [](const std::string& kind, const std::string& details_kind, const std::string& why) {
    return plain(404, R"({"kind":")" + kind + R"(","reason":")" + why + R"(","details":{"name":"game-0","kind":")" +
                          details_kind + R"("}})");
  };
  EXPECT_TRUE(std::holds_alternative<health::pod_state>(classify(status("Status", "pods", "NotFound"), game)));
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
