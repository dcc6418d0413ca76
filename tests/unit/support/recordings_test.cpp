#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <ostream>
#include <regex>

#include "recording.hpp"
#include "requests.hpp"

namespace sidecar::test {
namespace {

// The server's own values; the rest must be equal.
void expect_same_head(const http_response& ours, const http_response& recorded) {
  EXPECT_EQ(ours.status_line, recorded.status_line);
  ASSERT_EQ(ours.fields.size(), recorded.fields.size());
  const std::regex uuid{"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"};
  const std::regex date{"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \\d\\d [A-Z][a-z]{2} \\d{4} \\d\\d:\\d\\d:\\d\\d GMT"};
  for (std::size_t i = 0; i < ours.fields.size(); ++i) {
    const auto& [name, value] = ours.fields[i];
    EXPECT_EQ(name, recorded.fields[i].first);
    if (name == "Audit-Id") {
      EXPECT_TRUE(std::regex_match(value, uuid)) << value;
    } else if (name == "Date") {
      EXPECT_TRUE(std::regex_match(value, date)) << value;
    } else {
      EXPECT_EQ(value, recorded.fields[i].second) << name;
    }
  }
}

void expect_same(const std::optional<http_response>& ours, const http_response& recorded) {
  ASSERT_TRUE(ours);
  expect_same_head(*ours, recorded);
  EXPECT_EQ(ours->body, recorded.body);
  EXPECT_EQ(ours->chunks, recorded.chunks);
}

struct recorded_pod {
  const char* recording;
  const char* more;
};
void PrintTo(const recorded_pod& row, std::ostream* out) { *out << row.recording; }

class RecordedPod : public testing::TestWithParam<recorded_pod> {};

TEST_P(RecordedPod, ComesByteForByteInTheSameChunks) {
  const http_response recorded = load_recording(GetParam().recording);
  const auto document = nlohmann::json::parse(recorded.body);
  const std::string name = document["metadata"]["name"];
  ready_server fixture;
  fixture.server.put_document("demo", name, recorded.body);
  http_client client = fixture.connect();
  expect_same(client.ask(get(fixture.token, "/api/v1/namespaces/demo/pods/" + name, GetParam().more)), recorded);
}

INSTANTIATE_TEST_SUITE_P(All, RecordedPod,
                         testing::Values(recorded_pod{"pod-ready", ""}, recorded_pod{"pod-one-container-not-ready", ""},
                                         recorded_pod{"pod-native-sidecar", ""}, recorded_pod{"pod-terminating", ""},
                                         recorded_pod{"pod-succeeded", ""}, recorded_pod{"pod-pending-no-statuses", ""},
                                         recorded_pod{"connection-close", "Connection: close\r\n"}));

struct recorded_failure {
  const char* recording;
  const char* method;
  const char* path;
  const char* token;  ///< empty: none; "good": one that may get pods in demo
};
void PrintTo(const recorded_failure& row, std::ostream* out) { *out << row.recording; }

class RecordedFailure : public testing::TestWithParam<recorded_failure> {};

TEST_P(RecordedFailure, ComesByteForByte) {
  const recorded_failure& row = GetParam();
  const ready_server fixture;
  http_client client = fixture.connect();
  const std::string token = std::string{row.token} == "good" ? fixture.token : row.token;
  std::string request = get(token, row.path);
  request.replace(0, 3, row.method);
  expect_same(client.ask(request), load_recording(row.recording));
}

INSTANTIATE_TEST_SUITE_P(
    All, RecordedFailure,
    testing::Values(recorded_failure{"unauthorized-401", "GET", pod_path.c_str(), "not-a-token"},
                    recorded_failure{"no-token-403", "GET", pod_path.c_str(), ""},
                    recorded_failure{"forbidden-403", "GET", "/api/v1/namespaces/kube-system/pods/game-0", "good"},
                    recorded_failure{"encoded-slash-403", "GET", "/api/v1/namespaces/demo/pods/game-0%2f..%2fother",
                                     "good"},
                    recorded_failure{"unknown-method-403", "FOOBAR", pod_path.c_str(), "good"},
                    recorded_failure{"not-found-404", "GET", "/api/v1/namespaces/demo/pods/absent", "good"}));

TEST(Recordings, TooManyRequestsIsTheRecordedText) {
  ready_server fixture;
  fixture.server.inject(too_many_requests());
  http_client client = fixture.connect();
  expect_same(client.ask(fixture.ask()), load_recording("too-many-requests-429"));
}

TEST(Recordings, PeopleGetIndentedJson) {
  const ready_server fixture;
  http_client client = fixture.connect();
  std::string request = fixture.ask();
  request.replace(request.find("http-healthcheck-sidecar"), 24, "curl/7.88.1");
  const auto response = client.ask(request);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body.substr(0, 18), "{\n  \"kind\": \"Pod\",");
}

}  // namespace
}  // namespace sidecar::test
