#include "sidecar/kube/classify.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

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

failure failure_of(const api_response& response, const pod_name& pod = game) {
  const auto meaning = classify(response, pod);
  EXPECT_FALSE(meaning) << response.status;
  return meaning ? failure{reason::draining, {}, {}} : meaning.error();
}

TEST(RefusalOf, ShowsTheTextOfAnErrorAndOfNothingElse) {
  auto compressed = plain(503, "\x1f\x8b");
  compressed.content_encoding = "gzip";
  const std::pair<api_response, std::string> rows[] = {
      {recorded("too-many-requests-429.http"), "HTTP 429: Too many requests, please try again later."},
      {plain(400, "Client sent an HTTP request to an HTTPS server.\n"),
       "HTTP 400: Client sent an HTTP request to an HTTPS server."},
      {plain(503, "<html><h1>No server</h1></html>"), "HTTP 503: No server"},
      {plain(502), "HTTP 502"},
      {plain(206, "{\"kind\":\"Pod\"}"), "HTTP 206"},  // a pod's text is not for the log
      {plain(302, "<a>Found</a>"), "HTTP 302"},
      {compressed, "HTTP 503"}};
  for (const auto& [response, detail] : rows) EXPECT_EQ(refusal_of(response).detail, detail);
  EXPECT_THAT(refusal_of(recorded("forbidden-403.http")).detail,
              testing::StartsWith("HTTP 403: pods \"game-0\" is forbidden: "));
  EXPECT_THAT(refusal_of(recorded("watch-not-a-version.http")).detail, testing::HasSubstr("Invalid value"));
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

TEST(Classify, RecordedPodIsAPodAndOursAlone) {
  const auto meaning = classify(recorded("pod-ready.http"), game);
  ASSERT_TRUE(meaning) << meaning.error().detail;
  EXPECT_EQ(std::get<health::pod>(*meaning).name, "game-0");
  EXPECT_EQ(failure_of(recorded("pod-ready.http"), {"demo", "game-1"}).detail,
            "requested demo/game-1, got demo/game-0");
  EXPECT_EQ(failure_of(recorded("pod-ready.http"), {"prod", "game-0"}).why, reason::api_protocol);
  EXPECT_EQ(failure_of(recorded("list-one-pod.http")).why, reason::api_protocol);
  EXPECT_EQ(failure_of(recorded("pod-large-gzip-asked.http"), {"demo", "big-0"}).why, reason::api_protocol);
}

TEST(Classify, DecidesOnTheStatusBeforeTheBody) {
  const auto pod_body = test::recorded_body("pod-ready");
  const std::pair<api_response, reason> rows[] = {{plain(201, pod_body), reason::api_protocol},
                                                  {plain(204), reason::api_protocol},
                                                  {plain(206, pod_body), reason::api_protocol},
                                                  {plain(301), reason::api_protocol},
                                                  {plain(302), reason::api_protocol},
                                                  {plain(307, pod_body), reason::api_protocol},
                                                  {plain(308), reason::api_protocol},
                                                  {plain(400), reason::api_protocol},
                                                  {plain(401, pod_body), reason::api_unauthorized},
                                                  {recorded("unauthorized-401.http"), reason::api_unauthorized},
                                                  {plain(403, "<html>"), reason::api_forbidden},
                                                  {recorded("forbidden-403.http"), reason::api_forbidden},
                                                  {recorded("no-token-403.http"), reason::api_forbidden},
                                                  {plain(404, "<html>not here</html>"), reason::api_protocol},
                                                  {plain(404), reason::api_protocol},
                                                  {plain(409), reason::api_protocol},
                                                  {plain(410), reason::api_protocol},
                                                  {plain(418), reason::api_protocol},
                                                  {plain(429, "later"), reason::api_busy},
                                                  {recorded("too-many-requests-429.http"), reason::api_busy},
                                                  {plain(500), reason::api_error},
                                                  {plain(502, "<html>"), reason::api_error},
                                                  {plain(503, "{}"), reason::api_error},
                                                  {plain(504, pod_body), reason::api_error},
                                                  {plain(599), reason::api_error},
                                                  {recorded("watch-not-a-version.http"), reason::api_error},
                                                  {plain(600), reason::api_protocol},
                                                  {plain(200), reason::api_protocol},
                                                  {plain(200, "not json"), reason::api_protocol}};
  for (const auto& [response, why] : rows) {
    SCOPED_TRACE(std::to_string(response.status) + ' ' + response.body.substr(0, 20));
    EXPECT_EQ(failure_of(response).why, why);
    if (response.status == 200 || response.status == 404) continue;
    auto cut = response;
    cut.is_cut = true;
    EXPECT_EQ(failure_of(cut).why, why) << "errors count though they are cut";
    EXPECT_EQ(refusal_of(response).why, why);
  }
}

TEST(Classify, HonoursRetryAfter) {
  EXPECT_EQ(failure_of(recorded("too-many-requests-429.http")).retry_after, 2s);
  for (const unsigned status : {401U, 403U, 429U, 503U}) {
    EXPECT_EQ(failure_of(plain(status, "so", "3")).retry_after, 3s);
  }
}

/// A pod that is cut may look like another one, with fewer containers.
TEST(Classify, WhatIsCutIsNeitherAPodNorItsAbsence) {
  auto cut_pod = recorded("pod-ready.http");
  cut_pod.is_cut = true;
  EXPECT_EQ(failure_of(cut_pod).why, reason::api_protocol);
  auto absent = recorded("not-found-404.http");
  absent.is_cut = true;
  EXPECT_EQ(failure_of(absent, {"demo", "absent"}).why, reason::api_protocol);
  absent.is_cut = false;
  absent.body.resize(absent.body.size() / 2);
  EXPECT_EQ(failure_of(absent, {"demo", "absent"}).why, reason::api_protocol) << "the end of its connection cut it";
}

TEST(Classify, PodThatIsTooLongIsNamedWithItsSizeAndTheRemedy) {
  auto response = plain(200);
  response.excess = body_excess{.bytes = 3'145'728, .is_all = true, .limit = 2'097'152};
  EXPECT_EQ(failure_of(response).why, reason::api_protocol);
  EXPECT_EQ(failure_of(response).detail,
            "the response has 3145728 bytes (3.0 MiB), and a pod's JSON is read up to 2097152 bytes (2.0 MiB): shorten "
            "the pod's annotations, or clear its managedFields (kubectl patch pod NAME --type=merge -p "
            "'{\"metadata\":{\"managedFields\":[{}]}}')");
  response.excess->is_all = false;
  EXPECT_THAT(failure_of(response).detail, testing::HasSubstr("has more than 3145728 bytes"));
}

TEST(Classify, NotFoundIsTheAbsenceOfThatPodAlone) {
  const auto is_absence = [](const api_response& response, const pod_name& pod) {
    const auto meaning = classify(response, pod);
    return meaning && std::holds_alternative<health::absent_pod>(*meaning);
  };
  EXPECT_TRUE(is_absence(recorded("not-found-404.http"), {"demo", "absent"}));
  EXPECT_FALSE(is_absence(recorded("not-found-404.http"), game)) << "it speaks of another pod";
  const auto status = [](const std::string& kind, const std::string& details_kind, const std::string& why) {
    return plain(404, R"({"kind":")" + kind + R"(","reason":")" + why + R"(","details":{"name":"game-0","kind":")" +
                          details_kind + R"("}})");
  };
  EXPECT_TRUE(is_absence(status("Status", "pods", "NotFound"), game));
  EXPECT_EQ(failure_of(status("Status", "namespaces", "NotFound")).why, reason::api_protocol);
  EXPECT_EQ(failure_of(status("Status", "pods", "Gone")).why, reason::api_protocol);
  EXPECT_EQ(failure_of(status("Pod", "pods", "NotFound")).why, reason::api_protocol);
}

TEST(ParseRetryAfter, TakesSecondsUpToFiveAndNothingElse) {
  for (const auto& [text, seconds] :
       {std::pair{"0", 0s}, {"1", 1s}, {"5", 5s}, {"3600", 5s}, {"99999999999999999999", 5s}}) {
    EXPECT_EQ(parse_retry_after(text), seconds) << text;
  }
  for (const auto* text : {"", "-1", "+1", "abc", "1e99", "1.5", " 1", "Wed, 21 Oct 2026 07:28:00 GMT"}) {
    EXPECT_EQ(parse_retry_after(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace sidecar::kube
