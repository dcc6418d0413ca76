#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "support/recording.hpp"
#include "unit/kube/api_client_world.hpp"

/// A LIST of one pod by the client. What a list of pods must be is tested in pod_list_test.cpp.
namespace sidecar::kube {
namespace {

using health::reason;

class ApiClientList : public testing::Test, protected client_world {};

TEST_F(ApiClientList, LearnsThePodAndTheListsVersion) {
  server.advance(10);
  const auto before = boottime_clock::now();
  const auto listed = fetch_list();
  ASSERT_TRUE(std::holds_alternative<health::snapshot>(listed.found)) << failure_of(listed.found).detail;
  const auto& snapshot = std::get<health::snapshot>(listed.found);
  EXPECT_EQ(std::get<health::pod>(snapshot.state).name, "game-0");
  EXPECT_GE(snapshot.observed, before);
  EXPECT_EQ(listed.version, std::to_string(server.resource_version()));
}

TEST_F(ApiClientList, LearnsThatThereIsNoPod) {
  server.delete_pod();
  const auto listed = fetch_list();
  ASSERT_TRUE(std::holds_alternative<health::snapshot>(listed.found)) << failure_of(listed.found).detail;
  EXPECT_TRUE(std::holds_alternative<health::absent_pod>(std::get<health::snapshot>(listed.found).state));
  EXPECT_EQ(listed.version, std::to_string(server.resource_version()));
}

TEST_F(ApiClientList, ListsInExactlyTheseBytes) {
  fetch_list();
  EXPECT_EQ(server.requests().at(0).head,
            "GET /api/v1/namespaces/demo/pods?fieldSelector=metadata.name%3Dgame-0 HTTP/1.1\r\nHost: 127.0.0.1:" +
                std::to_string(server.port()) +
                "\r\nUser-Agent: test/1\r\nAccept: application/json\r\nAuthorization: Bearer " + token + "\r\n\r\n");
}

TEST_F(ApiClientList, SharesTheConnectionWithGets) {
  ASSERT_TRUE(succeeds());
  fetch_list();
  ASSERT_TRUE(succeeds());
  EXPECT_EQ(server.counts().accepted, 1U);
}

struct response_row {
  const char* name;
  test::fault trouble;
  reason why;
  const char* words;
};
void PrintTo(const response_row& row, std::ostream* out) { *out << row.name; }

class ApiClientListFails : public testing::TestWithParam<response_row>, protected client_world {};

TEST_P(ApiClientListFails, AndSaysWhy) {
  settings.limits.body = 64 * 1024;
  settings.limits.total = 128 * 1024;
  server.inject(GetParam().trouble);
  const auto listed = fetch_list();
  const auto problem = failure_of(listed.found);
  EXPECT_EQ(problem.why, GetParam().why);
  EXPECT_THAT(problem.detail, testing::StartsWith(GetParam().words));
  EXPECT_EQ(listed.version, "");
  EXPECT_EQ(server.counts().requests, 1U) << "it is not worth another request";
}

/// The stand-in's own list, with `fields` in its head.
std::string list_with(const std::string& fields) { return response_with(test::recorded_body("list-one-pod"), fields); }

INSTANTIATE_TEST_SUITE_P(
    Each, ApiClientListFails,
    testing::Values(
        response_row{"Forbidden", test::refused(403), reason::api_forbidden, "HTTP 403: "},
        // There is no list of an absent pod that is not found: any proxy can say 404.
        response_row{
            "NotFound",
            test::raw_answer(response_with(
                R"({"kind":"Status","reason":"NotFound","details":{"name":"game-0","kind":"pods"},"code":404})", "",
                "404 Not Found")),
            reason::api_protocol, "HTTP 404"},
        response_row{"Gone", test::refused(410), reason::api_protocol, "HTTP 410"},
        response_row{"Busy", test::too_many_requests(), reason::api_busy, "HTTP 429"},
        response_row{"Cut",
                     test::raw_answer("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n{\"kind\":\"PodList\"",
                                      test::afterwards::close),
                     reason::api_unreachable, "in the middle of the response: "},
        response_row{"Compressed", test::raw_answer(list_with("Content-Encoding: gzip\r\n")), reason::api_protocol,
                     "the response is compressed"},
        response_row{"CompressedBySecondCoding",
                     test::raw_answer(list_with("Content-Encoding: identity\r\nContent-Encoding: gzip\r\n")),
                     reason::api_protocol, "the response is compressed"},
        response_row{"CompressedForTheTransfer",
                     test::raw_answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n" +
                                      test::chunked(test::recorded_body("list-one-pod"), 1000)),
                     reason::api_protocol, "bad response: bad Transfer-Encoding"},
        response_row{"TooLarge", test::raw_answer(response_with(std::string(65 * 1024, ' '))), reason::api_protocol,
                     "the response has 66560 bytes"},
        response_row{"MoreThanAList", test::raw_answer(response_with(test::recorded_body("list-absent-pod") + " x")),
                     reason::api_protocol, "the response is no list of pods"},
        response_row{"APod", test::raw_answer(response_with(body_of_pod())), reason::api_protocol,
                     "the response is no list of pods"}),
    [](const auto& row) { return std::string(row.param.name); });

}  // namespace
}  // namespace sidecar::kube
