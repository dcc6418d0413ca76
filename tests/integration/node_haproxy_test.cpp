#include <map>
#include <string>
#include <vector>

#include "load_balancer.hpp"
#include "node_fixture.hpp"

/// The real HAProxy asks one agent for every workload of a node.
namespace sidecar::test {
namespace {

using backend_states = std::map<std::string, std::string>;

class NodeBehindHaProxy : public node_fixture {
 protected:
  NodeBehindHaProxy() {
    put("shop", "web-0", "web");
    put("shop", "web-1", "web");
    put("shop", "db-0", "db");
    put("demo", "play-0", "play");
  }

  static backend_states seen_by(const load_balancer& balancer) {
    backend_states seen;
    for (const auto& row : balancer.servers()) seen[row.at("backend")] = state_of(row);
    return seen;
  }

  /// The states as soon as they are `wanted`, or after a time that is long enough.
  static backend_states reach(load_balancer& balancer, const backend_states& wanted) {
    balancer.servers_when([&](const auto&) { return seen_by(balancer) == wanted; });
    return seen_by(balancer);
  }

  /// How often HAProxy has seen it go down.
  static std::string times_down(const load_balancer& balancer, const std::string& backend) {
    return balancer.server(backend).at("chkdown");
  }
};

TEST_F(NodeBehindHaProxy, ChangesTheBackendOfTheWorkloadThatChangedAndNoOther) {
  const auto agent = start_on_node();
  std::vector<checked_backend> backends;
  for (const std::string workload : {"shop/web", "shop/db", "demo/play"}) {
    backends.push_back({.name = workload.substr(workload.find('/') + 1),
                        .lines = {"option httpchk GET /healthz/" + workload},
                        .port = agent->port(),
                        .relayed = true});
  }
  backends.push_back({.name = "forgotten", .lines = {"option httpchk"}, .port = agent->port(), .relayed = true});
  load_balancer balancer{directory.path(), backends};
  backend_states wanted{{"web", "UP"}, {"db", "UP"}, {"play", "UP"}, {"forgotten", "DOWN"}};
  const auto expect = [&](const char* when) {
    EXPECT_EQ(reach(balancer, wanted), wanted) << when;
    balancer.wait_for_relayed_checks(4 * backends.size());
    EXPECT_EQ(seen_by(balancer), wanted) << "and stays so: " << when;
  };
  expect("all are ready");

  api.set_ready("app", false, "shop", "db-0");
  wanted["db"] = "DOWN";
  expect("one workload's only pod is not ready");
  api.set_ready("app", false, "shop", "web-0");
  expect("one of two pods is not ready");
  api.delete_pod("demo", "play-0");
  wanted["play"] = "DOWN";
  expect("one workload's only pod is deleted");
  api.set_ready("app", false, "shop", "web-1");
  wanted["web"] = "DOWN";
  expect("both of two pods are not ready");
  api.set_ready("app", true, "shop", "db-0");
  api.set_ready("app", true, "shop", "web-0");
  put("demo", "play-1", "play");
  wanted["web"] = wanted["db"] = wanted["play"] = "UP";
  expect("each has a ready pod again");
  for (const char* workload : {"web", "db", "play"}) EXPECT_EQ(times_down(balancer, workload), "1") << workload;
  EXPECT_NE(balancer.logged({"Server play/node1 is DOWN", "NoPodOnNode"}), "");
  EXPECT_NE(balancer.logged({"Server forgotten/node1 is DOWN", "WorkloadNotNamed"}), "");
  EXPECT_EQ(api.counts().lists, 2U) << "no check caused a call";
}

TEST_F(NodeBehindHaProxy, AsksTheAgentPortWithOneWorkloadsNameEach) {
  const auto agent = start_on_node({{"AGENT_LISTEN", "127.0.0.1:0"}, {"DRAIN_STATUS", "404"}});
  std::vector<checked_backend> backends;
  // No health check but a connection: what happens is the agent's word.
  for (const std::string workload : {"shop/web", "shop/db", "demo/play"}) {
    backends.push_back({.name = workload.substr(workload.find('/') + 1),
                        .lines = {},
                        .port = agent->port(),
                        .server = "agent-check agent-inter 100ms agent-port " + std::to_string(agent->agent_port()) +
                                  " agent-send " + workload + "\\n"});
  }
  backends.push_back({.name = "forgotten",
                      .lines = {},
                      .port = agent->port(),
                      .server = "agent-check agent-inter 100ms agent-port " + std::to_string(agent->agent_port()) +
                                " agent-send shop/other\\n"});
  load_balancer balancer{directory.path(), backends};
  backend_states wanted{{"web", "UP"}, {"db", "UP"}, {"play", "UP"}, {"forgotten", "UP"}};
  EXPECT_EQ(reach(balancer, wanted), wanted);
  api.set_ready("app", false, "shop", "db-0");
  api.set_ready("app", false, "shop", "web-0");
  wanted["db"] = "DOWN";
  EXPECT_EQ(reach(balancer, wanted), wanted);
  api.update_pod("demo", "play-0", [](pod& of) { of.terminate(); });
  wanted["play"] = "DRAIN";
  EXPECT_EQ(reach(balancer, wanted), wanted);
  api.set_ready("app", true, "shop", "db-0");
  put("demo", "play-1", "play");
  wanted["db"] = wanted["play"] = "UP";
  EXPECT_EQ(reach(balancer, wanted), wanted);
}

}  // namespace
}  // namespace sidecar::test
