// Nodes: how they look, how they are asked for, and that they are not in the way of tests of pods.

#include "support/nodes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <ostream>
#include <set>

#include "node_requests.hpp"
#include "recording.hpp"
#include "watching_client.hpp"

namespace sidecar::test {
namespace {

const std::string one_node = "/api/v1/nodes/node-a";
const std::string list_of_one = "/api/v1/nodes?fieldSelector=metadata.name%3Dnode-a";

class Nodes : public testing::Test {
 protected:
  http_response ask(const std::string& path) {
    http_client client = fixture.connect();
    return client.ask(get(fixture.token, path)).value_or(http_response{});
  }
  nlohmann::json json(const std::string& path) { return nlohmann::json::parse(ask(path).body); }
  watching_client watch(const std::string& more = {}) {
    const std::string from = "&resourceVersion=" + std::to_string(fixture.server.resource_version());
    return watching_client{fixture,
                           list_of_one + "&watch=true&allowWatchBookmarks=true" + (more.empty() ? from : more)};
  }
  std::string now() const { return std::to_string(fixture.server.resource_version()); }
  void change(const std::function<void(node&)>& action) { fixture.server.update_node("node-a", action); }
  bool allowed(const std::string& verb) {
    const std::string body = R"({"spec":{"resourceAttributes":{"verb":")" + verb +
                             R"(","resource":"nodes","name":"node-a","namespace":""}}})";
    std::string request = get(fixture.token, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                              "Content-Length: " + std::to_string(body.size()) + "\r\n");
    http_client client = fixture.connect();
    return nlohmann::json::parse(client.ask(request.replace(0, 3, "POST") + body)->body)["status"]["allowed"];
  }

  ready_server fixture;
};

TEST(Node, LeavingOneIsTheRecordedOneButForItsFirstState) {
  const auto recorded = nlohmann::ordered_json::parse(load_recording("node-leaving").body);
  nlohmann::ordered_json before = recorded;
  before["spec"] = nlohmann::ordered_json::object();
  before["metadata"]["labels"].erase(exclude_label);
  node leaving{before};
  leaving.set_label(exclude_label, "true");
  leaving.set_taint(autoscaler_taint, "1700000000").set_taint("node.kubernetes.io/not-ready");
  EXPECT_EQ(leaving.text(), recorded.dump() + "\n");
}

TEST(Node, ChangesAndTheirUndoingLeaveItAsItWas) {
  const std::string before = node{}.text();
  node one;
  one.set_label(exclude_label, "")
      .set_taint(karpenter_taint, "", "NoSchedule")
      .set_taint(karpenter_taint, "", "NoExecute");
  one.cordon();
  EXPECT_EQ(one.document()["spec"]["taints"].size(), 3U);
  EXPECT_EQ(one.document()["spec"]["unschedulable"], true);
  one.set_taint(karpenter_taint, "again", "NoExecute");
  EXPECT_EQ(one.document()["spec"]["taints"].size(), 3U);
  one.uncordon().remove_taint(karpenter_taint).remove_label(exclude_label);
  EXPECT_EQ(one.text(), before);
}

TEST_F(Nodes, OnePodsNodeIsThereAndComesInThreeWays) {
  const nlohmann::json found = json(one_node);
  EXPECT_EQ(found["kind"], "Node");
  EXPECT_EQ(found["metadata"]["name"], "node-a");
  EXPECT_FALSE(found["spec"].contains("taints"));
  nlohmann::json listed = json(list_of_one);
  EXPECT_EQ(listed["kind"], "NodeList");
  EXPECT_EQ(listed["apiVersion"], "v1");
  EXPECT_EQ(listed["metadata"]["resourceVersion"], now());
  ASSERT_EQ(listed["items"].size(), 1U);
  EXPECT_FALSE(listed["items"][0].contains("kind"));
  EXPECT_EQ(listed["items"][0]["spec"], found["spec"]);
  watching_client client = watch("&x=y");
  EXPECT_EQ(client.event()["object"], found);
  const nlohmann::json bookmark = client.event();
  EXPECT_EQ(bookmark["type"], "BOOKMARK");
  EXPECT_EQ(bookmark["object"]["kind"], "Node");
  EXPECT_EQ(bookmark["object"]["metadata"]["resourceVersion"], now());
  EXPECT_FALSE(bookmark["object"]["metadata"].contains("name"));
}

TEST_F(Nodes, AreThereForEveryPodsNodeAndForNoOther) {
  fixture.server.put_pod(pod{workload_pod("demo", "web-0", "web", "node-b")});
  EXPECT_EQ(ask("/api/v1/nodes/node-b").status, 200);
  EXPECT_EQ(json("/api/v1/nodes")["items"].size(), 2U);
  EXPECT_EQ(json("/api/v1/pods?fieldSelector=metadata.name%3Dnode-a").value("code", 0), 403);
  fixture.server.allow({.name_space = ""});
  EXPECT_EQ(json("/api/v1/pods?fieldSelector=metadata.name%3Dnode-a")["items"].size(), 0U) << "a node is no pod";
  EXPECT_EQ(json("/api/v1/pods")["items"].size(), 2U);
  EXPECT_EQ(ask("/api/v1/pods/node-a").status, 404);
  EXPECT_EQ(ask("/api/v1/nodes/game-0").status, 404);
}

TEST_F(Nodes, AbsentOneIsNotFoundAndAListWithoutIt) {
  fixture.server.put_pod(pod{workload_pod("demo", "web-0", "web", "node-b")});
  ASSERT_TRUE(fixture.server.delete_node());
  EXPECT_FALSE(fixture.server.delete_node());
  fixture.server.set_ready("game", false);
  const http_response answer = ask(one_node);
  EXPECT_EQ(answer.body, R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":)"
                         R"("nodes \"node-a\" not found","reason":"NotFound",)"
                         R"("details":{"name":"node-a","kind":"nodes"},"code":404})"
                         "\n")
      << "and its pods do not bring it back";
  nlohmann::json listed = json(list_of_one);
  EXPECT_TRUE(listed["items"].is_array() && listed["items"].empty());
  EXPECT_EQ(listed["metadata"]["resourceVersion"], now());
}

TEST_F(Nodes, WatchTellsOfTheNodeAndOfNothingElse) {
  watching_client client = watch();
  ASSERT_TRUE(fixture.server.wait_for_node_watches(1));
  EXPECT_EQ(fixture.server.counts().watching, 0U);
  fixture.server.set_ready("game", false);
  fixture.server.put_node(node{node_spec{.name = "node-b"}});
  change([](node& one) { one.set_taint(autoscaler_taint); });
  nlohmann::json event = client.event();
  EXPECT_EQ(brief(event), "MODIFIED " + now());
  EXPECT_EQ(event["object"]["spec"]["taints"][0]["key"], autoscaler_taint);
  fixture.server.delete_node();
  EXPECT_EQ(client.next(), "DELETED " + now());
  fixture.server.put_node(node{});
  EXPECT_EQ(client.next(), "ADDED " + now());
  fixture.server.send_bookmark();
  fixture.server.send_bookmark(resource_kind::nodes);
  EXPECT_EQ(client.next(), "BOOKMARK " + now());
  fixture.server.end_watches();
  fixture.server.end_watches(watch_end::clean, resource_kind::nodes);
  EXPECT_EQ(client.next(), "end");
}

TEST_F(Nodes, WatchOfPodsHearsNothingOfNodes) {
  watching_client client{fixture, "&resourceVersion=" + now()};
  ASSERT_TRUE(fixture.server.wait_for_watches(1));
  change([](node& one) { one.cordon(); });
  fixture.server.set_ready("game", false);
  EXPECT_EQ(client.next(), "MODIFIED " + now());
}

TEST_F(Nodes, TooOldVersionIsGone) {
  const std::string old = "&resourceVersion=" + now();
  change([](node& one) { one.cordon(); });
  watching_client early = watch(old);
  EXPECT_EQ(early.next(), "MODIFIED " + now());
  fixture.server.forget_history();
  watching_client late = watch(old);
  EXPECT_EQ(late.next(), "ERROR 410");
  EXPECT_EQ(ask("/api/v1/nodes?watch=true&resourceVersion=abc").status, 500);
  EXPECT_EQ(ask("/api/v1/nodes?fieldSelector=spec.nodeName%3Dnode-a").status, 400);
}

TEST_F(Nodes, AreCountedApart) {
  const std::uint64_t pods = fixture.server.counts().requests;
  ask(one_node);
  ask(list_of_one);
  watching_client client = watch();
  ASSERT_TRUE(fixture.server.wait_for_node_watches(1));
  change([](node& one) { one.cordon(); });
  EXPECT_EQ(client.next(), "MODIFIED " + now());
  ASSERT_TRUE(fixture.server.wait_for([](const server_counts& now) { return now.nodes.events == 1; }));
  const server_counts counts = fixture.server.counts();
  EXPECT_EQ(counts.nodes.requests, 3U);
  EXPECT_EQ(counts.nodes.gets, 1U);
  EXPECT_EQ(counts.nodes.lists, 1U);
  EXPECT_EQ(counts.nodes.watch_requests, 1U);
  EXPECT_EQ(counts.nodes.watches, 1U);
  EXPECT_EQ(counts.nodes.answers, 2U);
  EXPECT_EQ(counts.requests, pods);
  EXPECT_EQ(counts.gets + counts.lists + counts.watch_requests + counts.watches + counts.events + counts.answers, 0U);
  EXPECT_EQ(fixture.server.node_requests().size(), 3U);
  EXPECT_TRUE(fixture.server.requests().empty());
  EXPECT_TRUE(fixture.server.events().empty());
  fixture.server.forget();
  EXPECT_EQ(fixture.server.counts().nodes.requests, 0U);
  EXPECT_EQ(fixture.server.counts().nodes.watching, 1U);
}

struct right_row {
  const char* verb;
  std::string path;
};
void PrintTo(const right_row& row, std::ostream* out) { *out << row.verb; }

class NodeRights : public Nodes, public testing::WithParamInterface<right_row> {};

TEST_P(NodeRights, EachVerbIsSwitchedByItself) {
  const auto& [verb, path] = GetParam();
  EXPECT_TRUE(allowed(verb));
  std::set<std::string> others{"get", "list", "watch"};
  others.erase(verb);
  fixture.server.allow_nodes(others);
  EXPECT_FALSE(allowed(verb));
  EXPECT_EQ(json(path)["message"],
            "nodes \"node-a\" is forbidden: User \"system:serviceaccount:demo:sidecar\" cannot " + std::string{verb} +
                " resource \"nodes\" in API group \"\" at the cluster scope");
  http_client client = fixture.connect();
  EXPECT_EQ(client.ask(fixture.ask())->status, 200) << "pods are another thing";
  for (const std::string& other : others) EXPECT_TRUE(allowed(other)) << other;
  fixture.server.allow_nodes({verb});
  EXPECT_TRUE(allowed(verb));
  for (const std::string& other : others) EXPECT_FALSE(allowed(other)) << other;
  fixture.server.allow_nodes({});
  EXPECT_EQ(ask(path).status, 403);
}

INSTANTIATE_TEST_SUITE_P(All, NodeRights,
                         testing::Values(right_row{"get", one_node}, right_row{"list", list_of_one},
                                         right_row{"watch", list_of_one + "&watch=true"}));

TEST_F(Nodes, RulesReviewShowsThem) {
  fixture.server.allow_nodes({"get", "watch"});
  const std::string body = R"({"spec":{"namespace":"demo"}})";
  http_client client = fixture.connect();
  std::string request = get(fixture.token, "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews",
                            "Content-Length: " + std::to_string(body.size()) + "\r\n");
  const auto review = nlohmann::json::parse(client.ask(request.replace(0, 3, "POST") + body)->body);
  const auto wanted = nlohmann::json::parse(R"({"verbs":["get","watch"],"apiGroups":[""],"resources":["nodes"]})");
  const auto& rules = review["status"]["resourceRules"];
  EXPECT_NE(std::find(rules.begin(), rules.end(), wanted), rules.end()) << rules;
}

TEST_F(Nodes, FaultsForThemLeavePodsAloneAndCountedOnesForPodsThem) {
  fixture.server.inject(for_nodes(reply_with([] { return make_failure(503); })));
  http_client client = fixture.connect();
  EXPECT_EQ(client.ask(fixture.ask())->status, 200);
  EXPECT_EQ(ask(one_node).status, 503);
  EXPECT_EQ(ask(list_of_one).status, 503);
  fixture.server.clear_faults();
  fixture.server.inject(for_nodes(for_lists(refused(500))));
  EXPECT_EQ(ask(one_node).status, 200);
  EXPECT_EQ(ask(list_of_one).status, 500);
  fixture.server.clear_faults();
  fixture.server.inject(times(1, refused(503)));
  EXPECT_EQ(ask(one_node).status, 200);
  EXPECT_EQ(client.ask(fixture.ask())->status, 503);
  fixture.server.inject(refused(503));
  EXPECT_EQ(ask(one_node).status, 503) << "a server that is out is out for nodes";
  fixture.server.clear_faults();
  fixture.server.inject(for_gets(refused(503)));
  EXPECT_EQ(ask(one_node).status, 200);
}

TEST_F(Nodes, EventsAndAnswersAreHeldBySay) {
  watching_client client = watch();
  ASSERT_TRUE(fixture.server.wait_for_node_watches(1));
  fixture.server.miss_events(1, resource_kind::nodes);
  change([](node& one) { one.cordon(); });
  fixture.server.hold_events();
  change([](node& one) { one.uncordon(); });
  EXPECT_EQ(client.next(), "MODIFIED " + now());
  fixture.server.hold_events(resource_kind::nodes);
  change([](node& one) { one.cordon(); });
  fixture.server.hold_answers(resource_kind::nodes);
  http_client asker = fixture.connect();
  asker.send(get(fixture.token, one_node));
  ASSERT_TRUE(fixture.server.wait_until_held(1));
  http_client other = fixture.connect();
  EXPECT_EQ(other.ask(fixture.ask())->status, 200);
  EXPECT_EQ(fixture.server.counts().nodes.events, 1U);
  fixture.server.stop_holding();
  EXPECT_EQ(asker.read_response()->status, 200);
  fixture.server.release_events(resource_kind::nodes);
  EXPECT_EQ(client.next(), "MODIFIED " + now());
}

}  // namespace
}  // namespace sidecar::test
