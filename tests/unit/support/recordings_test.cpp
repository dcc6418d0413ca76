#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "recording.hpp"
#include "requests.hpp"
#include "same_answer.hpp"

namespace sidecar::test {
namespace {

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

TEST(Recordings, ListComesByteForByteInTheSameChunks) {
  const http_response recorded = load_recording("list-one-pod");
  const auto list = nlohmann::ordered_json::parse(recorded.body);
  nlohmann::ordered_json document{{"kind", "Pod"}, {"apiVersion", "v1"}};
  document.update(list["items"][0]);
  ready_server fixture;
  fixture.server.delete_pod();
  fixture.server.put_document("demo", "game-0", document.dump() + "\n");
  fixture.server.advance(243 - fixture.server.resource_version());
  fixture.server.grant("list");
  http_client client = fixture.connect();
  expect_same(client.ask(get(fixture.token, "/api/v1/namespaces/demo/pods?fieldSelector=metadata.name=game-0")),
              recorded);
}

/// A recording of another cluster, whose flow schema has other uids.
http_response load_elsewhere(const std::string& name) {
  http_response recorded = load_recording(name);
  const http_response here = load_recording("list-one-pod");
  for (auto& [field, value] : recorded.fields) {
    if (field.starts_with("X-Kubernetes-Pf-")) value = here.field(field).value_or("");
  }
  return recorded;
}

TEST(Recordings, ListByNodeAndLabelAndItsPagesComeByteForByteInTheSameChunks) {
  const http_response recorded = load_elsewhere("list-by-node-and-label");
  ready_server fixture;
  fixture.server.delete_pod();
  fixture.server.allow({.name_space = ""});
  const auto list = nlohmann::ordered_json::parse(recorded.body);
  for (const auto& item : list["items"]) {
    nlohmann::ordered_json document{{"kind", "Pod"}, {"apiVersion", "v1"}};
    document.update(item);
    fixture.server.put_document("demo", item["metadata"]["name"], document.dump() + "\n");
  }
  http_client client = fixture.connect();
  const std::string path = "/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-a&labelSelector=health-sidecar%2Fname";
  expect_same(client.ask(get(fixture.token, path)), recorded);
  fixture.server.advance();
  const http_response first = load_elsewhere("list-by-node-page-1");
  expect_same(client.ask(get(fixture.token, path + "&limit=2")), first);
  const std::string next = nlohmann::json::parse(first.body)["metadata"]["continue"];
  fixture.server.advance();
  expect_same(client.ask(get(fixture.token, path + "&limit=2&continue=" + next)),
              load_elsewhere("list-by-node-page-2"));
}

TEST(Recordings, AbsentPodAndRefusalsOfAnotherAccountComeByteForByte) {
  ready_server fixture;
  fixture.server.advance(222 - fixture.server.resource_version());
  http_client client = fixture.connect();
  expect_same(client.ask(get(fixture.token, "/api/v1/namespaces/demo/pods?fieldSelector=metadata.name%3Dabsent")),
              load_elsewhere("list-absent-pod"));
  fixture.server.accept_token("other", "system:serviceaccount:demo:getter");
  expect_same(client.ask(get("other", "/api/v1/namespaces/demo/pods?fieldSelector=metadata.name%3Dgame-0")),
              load_elsewhere("list-forbidden-403"));
  expect_same(client.ask(get("other", "/api/v1/nodes/node-a")), load_elsewhere("node-forbidden-403"));
}

TEST(Recordings, LeavingNodeComesByteForByte) {
  const http_response recorded = load_elsewhere("node-leaving");
  ready_server fixture;
  fixture.server.advance(213 - fixture.server.resource_version());
  fixture.server.put_node(node{nlohmann::ordered_json::parse(recorded.body)});
  http_client client = fixture.connect();
  expect_same(client.ask(get(fixture.token, "/api/v1/nodes/node-a")), recorded);
}

TEST(Recordings, VersionThatIsNoneIsTheRecordedFailure) {
  const ready_server fixture;
  http_client client = fixture.connect();
  expect_same(client.ask(get(fixture.token, "/api/v1/namespaces/demo/pods?watch=1&resourceVersion=abc")),
              load_recording("watch-not-a-version"));
}

}  // namespace
}  // namespace sidecar::test
