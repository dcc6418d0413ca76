#include <chrono>
#include <string>

#include "node_drain_fixture.hpp"

/// A node that is about to leave, over time: how soon it is known, and that nothing else undoes it.
namespace sidecar::test {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

class NodeDrainCourse : public node_drain_fixture, public testing::WithParamInterface<drain_mode> {
 protected:
  static bool is_live() { return GetParam() == drain_mode::live; }
};

/// A restart must not show the load balancer a node that is up for a moment.
TEST_P(NodeDrainCourse, FirstAnswersAfterARestartWaitForTheNode) {
  operators_label().put(api);
  api.hold_answers(resource_kind::nodes);
  auto target = start_in(GetParam());
  const auto line = "GET " + target.path();
  auto first = target.program().begin(line);
  ASSERT_TRUE(api.wait_until_held(1));
  auto second = target.program().begin(line);
  target.program().catch_up();
  api.stop_holding();
  EXPECT_EQ(first.answer(), "404 NodeDraining");
  EXPECT_EQ(second.answer(), "404 NodeDraining");
  EXPECT_EQ(target.ask(), drains);
}

TEST_P(NodeDrainCourse, OutageThatOutlastsTheHoldNeverMakesADrainUp) {
  operators_label().put(api);
  const auto target = start_watching_in(GetParam(), {{"STALE_GRACE", "500ms"}, {"ANSWER_TIMEOUT", "5s"}});
  ASSERT_EQ(target.ask(), drains);
  api.stop();
  const auto end = clock::now() + 30s;
  std::string answer;
  do {
    answer = target.ask();
    ASSERT_NE(answer.substr(0, 3), "200") << answer;
  } while (answer != "500 ApiUnreachable" && clock::now() < end);
  EXPECT_EQ(answer, "500 ApiUnreachable");
  api.start();
  do {
    answer = target.ask();
    ASSERT_NE(answer.substr(0, 3), "200") << answer;
  } while (answer != drains && clock::now() < end);
  EXPECT_EQ(answer, drains) << "the pod is known again, and the node as it was";
}

INSTANTIATE_TEST_SUITE_P(Of, NodeDrainCourse, testing::Values(drain_mode::live, drain_mode::watch, drain_mode::node),
                         [](const auto& tested) { return name_of(tested.param); });

class NodeDrainWatch : public NodeDrainCourse {};

TEST_P(NodeDrainWatch, FirstAnswerAfterTheEventDrains) {
  const auto target = start_watching_in(GetParam());
  ASSERT_EQ(target.ask(), "200 OK");
  for (int i = 0; i < 3; ++i) {
    expect_node_events(1, [&] { operators_label().put(api); });
    EXPECT_EQ(target.ask(), drains);
    expect_node_events(1, [&] { operators_label().take(api); });
    EXPECT_EQ(target.ask(), "200 OK");
  }
}

TEST_P(NodeDrainWatch, ThatIsTooLateBeginsAgainAndMissesNothing) {
  const auto target = start_watching_in(GetParam());
  ASSERT_EQ(target.ask(), "200 OK");
  api.inject(for_nodes(times(1, watch_error(410))));
  api.miss_events(1, resource_kind::nodes);
  operators_label().put(api);
  api.end_watches(watch_end::clean, resource_kind::nodes);
  EXPECT_EQ(target.ask_until(drains, 20s), drains);
  const auto is_watched_again = [](const server_counts& now) {
    return now.nodes.watches == 3 && now.nodes.watching == 1;
  };
  ASSERT_TRUE(api.wait_for(is_watched_again, 20s)) << "after the first one and the one that was too late";
  ASSERT_EQ(target.ask(), drains);
  expect_node_events(1, [this] { operators_label().take(api); });
  EXPECT_EQ(target.ask(), "200 OK");
}

INSTANTIATE_TEST_SUITE_P(Of, NodeDrainWatch, testing::Values(drain_mode::watch, drain_mode::node),
                         [](const auto& tested) { return name_of(tested.param); });

/// Of a pod that is not the sidecar's own, and may be created again elsewhere.
class NodeDrainMove : public NodeDrainCourse {
 protected:
  NodeDrainMove() {
    api.put_pod(pod{workload_pod("demo", "web-0", "web")});
    node other{node_spec{.name = "node-b"}};
    api.put_node(other.set_label(exclude_label, "true"));
  }

  void move_to(const std::string& node) {
    api.delete_pod("demo", "web-0");
    api.put_pod(pod{workload_pod("demo", "web-0", "web", node)});
  }
};

TEST_P(NodeDrainMove, NewNodeCountsAndTheOldOneNoMore) {
  const auto target = start_in(GetParam(), {{"TARGET_POD_OVERRIDE", "web-0"}});
  ASSERT_TRUE(is_live() || api.wait_for_watches(1));
  ASSERT_EQ(target.ask(), "200 OK");
  move_to("node-b");
  EXPECT_EQ(target.ask_until(drains), drains) << "the new node is leaving";
  operators_label().put(api);
  move_to("node-c");
  EXPECT_EQ(target.ask_until("200 OK"), "200 OK") << "the old ones are, the new one is not";
  change_node([](node& of) { of.remove_label(exclude_label); }, "node-b");
  change_node([](node& of) { of.set_taint(autoscaler_taint); }, "node-c");
  EXPECT_EQ(target.ask_until(drains, 20s), drains) << "and it is read from then on";
}

INSTANTIATE_TEST_SUITE_P(Of, NodeDrainMove, testing::Values(drain_mode::live, drain_mode::watch),
                         [](const auto& tested) { return name_of(tested.param); });

}  // namespace
}  // namespace sidecar::test
