#include <ostream>
#include <string>

#include "node_fixture.hpp"

/// What happens to the pods of a node, and what a load balancer gets for their workloads: one row for each way in which
/// an agent learns of it. What a workload with these pods comes to is unit/health/workload_test.cpp's.
namespace sidecar::test {
namespace {

const std::string in_demo = "/healthz/demo/web";

/// `begin` is before the agent's first LIST, `happen` before it too or an event.
struct node_row {
  std::string name;
  void (*happen)(api_server& api);
  std::string answer;
  std::string path = in_demo;
  void (*begin)(api_server& api) = [](api_server&) {};
  friend void PrintTo(const node_row& row, std::ostream* out) { *out << row.name; }
};

void put_ready(api_server& api, const std::string& name_space, const std::string& name, const std::string& workload,
               const std::string& node = "node-a") {
  api.put_pod(pod{workload_pod(name_space, name, workload, node)});
}

void change_web(api_server& api, const std::function<void(pod&)>& change) { api.update_pod("demo", "web-0", change); }

void add_second(api_server& api) { put_ready(api, "demo", "web-1", "web"); }

const node_row node_rows[] = {
    {"OneOfTwoNotReady", [](api_server& api) { api.set_ready("app", false, "demo", "web-0"); }, "200 OK weight 1",
     in_demo, add_second},
    {"OtherNamespace",
     [](api_server& api) {
       put_ready(api, "shop", "web-0", "web");
       api.set_ready("app", false, "demo", "web-0");
     },
     "200 OK weight 1", "/healthz/shop/web"},
    {"LabelAdded",
     [](api_server& api) { api.update_pod("demo", "game-0", [](pod& of) { of.set_label(workload_label, "game"); }); },
     "200 OK weight 1", "/healthz/demo/game"},
    {"LabelRemoved", [](api_server& api) { change_web(api, [](pod& of) { of.remove_label(workload_label); }); },
     "500 NoPodOnNode weight 0"},
    {"MovedAway", [](api_server& api) { change_web(api, [](pod& of) { of.set_node("node-b"); }); },
     "500 NoPodOnNode weight 0"},
    {"MovedHere", [](api_server& api) { api.update_pod("demo", "db-0", [](pod& of) { of.set_node("node-a"); }); },
     "200 OK weight 1", "/healthz/demo/db", [](api_server& api) { put_ready(api, "demo", "db-0", "db", "node-b"); }},
    {"ReplacedOnAnotherNode", [](api_server& api) { put_ready(api, "demo", "web-0", "web", "node-b"); },
     "500 NoPodOnNode weight 0"},
    {"Deleted", [](api_server& api) { api.delete_pod("demo", "web-0"); }, "500 NoPodOnNode weight 0"},
};

class NodeVerdict : public node_fixture, public testing::WithParamInterface<node_row> {
 protected:
  NodeVerdict() {
    put("demo", "web-0", "web");
    GetParam().begin(api);
  }
};

TEST_P(NodeVerdict, IsWhatTheListSays) {
  GetParam().happen(api);
  const auto agent = start_on_node();
  EXPECT_EQ(ask_workload(*agent, GetParam().path), GetParam().answer);
}

TEST_P(NodeVerdict, IsWhatTheEventsSay) {
  const auto agent = start_on_node();
  GetParam().happen(api);
  EXPECT_EQ(ask_workload_until(*agent, GetParam().path, GetParam().answer), GetParam().answer);
  EXPECT_EQ(api.counts().requests, 3U) << "two requests of a LIST, and a WATCH";
}

INSTANTIATE_TEST_SUITE_P(Of, NodeVerdict, testing::ValuesIn(node_rows),
                         [](const auto& tested) { return tested.param.name; });

using NodeAgent = node_fixture;

TEST_F(NodeAgent, OfOneNamespaceNeedsARoleThereAndKnowsNoOther) {
  put("demo", "web-0", "web");
  put("shop", "web-0", "web");
  api.deny();
  api.allow();
  const auto agent = start_on_node({{"TARGET_NAMESPACE", "demo"}});
  EXPECT_EQ(ask_workload(*agent, in_demo), "200 OK weight 1");
  EXPECT_EQ(ask_workload(*agent, "/healthz/shop/web"), "500 NoPodOnNode weight 0");
  api.set_ready("app", false, "demo", "web-0");
  EXPECT_EQ(ask_workload_until(*agent, in_demo, "500 ContainerNotReady weight 0"), "500 ContainerNotReady weight 0");
}

TEST_F(NodeAgent, TellsALeavingPodThatWasReadyAsADrain) {
  put("demo", "web-0", "web");
  const auto agent = start_on_node({{"DRAIN_STATUS", "404"}});
  change_web(api, [](pod& of) { of.terminate(); });
  EXPECT_EQ(ask_workload_until(*agent, in_demo, "404 PodTerminating weight 0"), "404 PodTerminating weight 0");
  EXPECT_EQ(agent->response_to(request("GET " + in_demo)).field("X-Health-Drain"), "true");
  change_web(api, [](pod& of) { of.set_ready("app", false); });
  EXPECT_EQ(ask_workload_until(*agent, in_demo, "500 PodTerminating weight 0"), "500 PodTerminating weight 0");
}

}  // namespace
}  // namespace sidecar::test
