#include <gmock/gmock.h>

#include <chrono>
#include <set>
#include <string>

#include "node_drain_fixture.hpp"

/// How the node is read, what that costs, and that no answer suffers where it cannot be read.
namespace sidecar::test {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;
using testing::HasSubstr;
using testing::Not;

class NodeReading : public node_drain_fixture, public testing::WithParamInterface<drain_mode> {
 protected:
  /// Each answer at once; the API server's timeout is far longer.
  static void expect_quick(const asked_target& target, const std::string& answer) {
    const auto begin = clock::now();
    for (int i = 0; i < 20; ++i) ASSERT_EQ(target.ask(), answer) << i;
    EXPECT_LT(clock::now() - begin, 5s);
  }
};

TEST_P(NodeReading, ThatHangsAtTheStartDelaysTheFirstAnswerByLessThanItsTimeAndNoOther) {
  operators_label().put(api);
  api.inject(for_nodes(silence_at(phase::request)));
  const auto begin = clock::now();
  const auto target = start_in(GetParam(), {{"ANSWER_TIMEOUT", "3s"}});
  EXPECT_EQ(target.ask(), "200 OK")
      << "nothing is known of the node, and a query that had waited longer would be a 500";
  EXPECT_GE(clock::now() - begin, 2s);
  expect_quick(target, "200 OK");
  EXPECT_GE(api.counts().nodes.requests, 1U);
}

TEST_P(NodeReading, ThatIsForbiddenIsSaidOnceAndAnswersGoOn) {
  operators_label().put(api);
  api.allow_nodes({});
  auto target = start_in(GetParam(), {{"STATUS_LISTEN", "127.0.0.1:0"}});
  EXPECT_EQ(target.ask(), "200 OK");
  expect_quick(target, "200 OK");
  EXPECT_THAT(target.program().logged("may not read the node"), HasSubstr("ClusterRole"));
  EXPECT_THAT(target.program().status("/metrics").body, Not(HasSubstr("healthcheck_sidecar_node_draining ")));
  api.set_ready("game", false);
  EXPECT_EQ(target.ask_until("500 ContainerNotReady"), "500 ContainerNotReady");
  EXPECT_EQ(target.program().stop_and_read("may not read the node").size(), 1U);
}

/// There is a query that waits for its call at any time.
TEST_P(NodeReading, GoesOnWhileQueriesTakeAllCallsThereMayBe) {
  const auto target = start_watching_in(GetParam(), {{"API_QPS", "10"}});
  ASSERT_EQ(target.ask(), "200 OK");
  operators_label().put(api);
  EXPECT_EQ(target.ask_until(drains, 20s), drains);
  if (GetParam() == drain_mode::live) return;  // the next read is in node_drain_minute_test.cpp
  operators_label().take(api);
  EXPECT_EQ(target.ask_until("200 OK", 20s), "200 OK");
}

INSTANTIATE_TEST_SUITE_P(Of, NodeReading, testing::Values(drain_mode::live, drain_mode::watch, drain_mode::node),
                         [](const auto& tested) { return name_of(tested.param); });

class NodeReadingByWatch : public NodeReading {};

TEST_P(NodeReadingByWatch, IsShownToPeople) {
  auto target = start_watching_in(GetParam(), {{"STATUS_LISTEN", "127.0.0.1:0"}});
  ASSERT_EQ(target.ask(), "200 OK");
  EXPECT_THAT(target.program().status("/metrics").body, HasSubstr("\nhealthcheck_sidecar_node_draining 0\n"));
  change_node([](node& of) { of.set_taint(autoscaler_taint); });
  EXPECT_THAT(target.program().logged("taint ToBeDeletedByClusterAutoscaler"), HasSubstr("node-a"));
  EXPECT_EQ(target.ask(), drains);
  EXPECT_THAT(target.program().status("/metrics").body, HasSubstr("\nhealthcheck_sidecar_node_draining 1\n"));
  EXPECT_THAT(target.program().status("/status").body,
              HasSubstr(R"("node":{"name":"node-a","draining":true,"cause":"taint ToBeDeletedByClusterAutoscaler")"));
}

TEST_P(NodeReadingByWatch, HeedsTheTaintsThatItIsToldAndNoOthers) {
  change_node([](node& of) { of.set_taint(autoscaler_taint).set_taint(karpenter_taint); });
  const auto target = start_watching_in(GetParam(), {{"NODE_DRAIN_TAINTS", "example.com/spot"}});
  ASSERT_EQ(target.ask(), "200 OK");
  change_node([](node& of) { of.set_taint("example.com/spot", "", "NoExecute"); });
  EXPECT_EQ(target.ask_until(drains, 20s), drains);
}

const std::string read_by_get = "may not list and watch nodes; the node is read by a GET";

TEST_P(NodeReadingByWatch, IsOneListAndOneWatchHoweverOftenItIsAsked) {
  const auto target = start_watching_in(GetParam());
  expect_quick(target, "200 OK");
  expect_node_events(1, [this] { operators_label().put(api); });
  expect_quick(target, drains);
  api.set_ready("health", false);
  EXPECT_EQ(target.ask_until("500 NodeDraining"), "500 NodeDraining");
  ASSERT_EQ(api.counts().nodes.requests, 2U);
  const auto reads = api.node_requests();
  EXPECT_EQ(reads[0].target, "/api/v1/nodes?fieldSelector=metadata.name%3Dnode-a");
  EXPECT_THAT(reads[1].target, HasSubstr("/api/v1/nodes?fieldSelector=metadata.name%3Dnode-a&"));
  EXPECT_THAT(reads[1].target, HasSubstr("watch=true"));
  EXPECT_THAT(reads[1].target, HasSubstr("allowWatchBookmarks=true"));
  EXPECT_THAT(reads[1].target, HasSubstr("resourceVersion="));
}

TEST_P(NodeReadingByWatch, ThatHangsLaterDelaysNothing) {
  operators_label().put(api);
  const auto target = start_watching_in(GetParam());
  ASSERT_EQ(target.ask(), drains);
  api.inject(for_nodes(silence_at(phase::request)));
  api.end_watches(watch_end::reset, resource_kind::nodes);
  ASSERT_TRUE(more_node_requests(1, 20s));
  expect_quick(target, drains);
  api.set_ready("game", false);
  EXPECT_EQ(target.ask_until("500 NodeDraining"), "500 NodeDraining");
  api.set_ready("game", true);
  EXPECT_EQ(target.ask_until(drains), drains);
}

/// A sidecar with SOURCE=live asks again after a minute: node_drain_minute_test.cpp waits for that.
TEST_P(NodeReadingByWatch, ThatIsNotForbiddenAnyMoreCountsWithoutARestart) {
  operators_label().put(api);
  api.allow_nodes({});
  auto target = start_in(GetParam());
  ASSERT_EQ(target.ask(), "200 OK");
  api.allow_nodes();
  EXPECT_NE(target.program().logged("the node can be read"), "");
  EXPECT_EQ(target.ask_until(drains), drains);
}

/// A Role of the time before, or a proxy that lets no watch through.
TEST_P(NodeReadingByWatch, IsByGetWhereListOrWatchIsForbidden) {
  operators_label().put(api);
  for (const std::set<std::string>& allowed :
       {std::set<std::string>{"get", "watch"}, std::set<std::string>{"get", "list"}, std::set<std::string>{"get"}}) {
    api.allow_nodes(allowed);
    api.forget();
    const auto target = start_in(GetParam());
    EXPECT_EQ(target.ask(), drains);
    EXPECT_TRUE(api.wait_for([](const server_counts& now) { return now.nodes.gets == 1; }));
  }
  auto target = start_in(GetParam());
  ASSERT_EQ(target.ask(), drains);
  EXPECT_EQ(target.program().stop_and_read(read_by_get).size(), 1U);
  EXPECT_TRUE(target.program().lines("may not read the node").empty()) << "it can be read";
}

INSTANTIATE_TEST_SUITE_P(Of, NodeReadingByWatch, testing::Values(drain_mode::watch, drain_mode::node),
                         [](const auto& tested) { return name_of(tested.param); });

using NodeNotRead = node_drain_fixture;

TEST_F(NodeNotRead, WithoutTheOption) {
  operators_label().put(api);
  for (const char* source : {"live", "watch"}) {
    const auto sidecar = start({{"SOURCE", source}, {"DRAIN_STATUS", "404"}});
    for (int i = 0; i < 5; ++i) EXPECT_EQ(sidecar->ask(), "200 OK") << source;
  }
  const auto agent = start_in(drain_mode::node, {{"NODE_DRAIN", "false"}});
  for (int i = 0; i < 5; ++i) EXPECT_EQ(agent.ask(), "200 OK");
  EXPECT_EQ(api.counts().nodes.requests, 0U);
}

TEST_F(NodeNotRead, BeforeThePodHasOne) {
  pod_spec spec;
  spec.node_name = {};
  api.put_pod(pod{spec});
  const auto sidecar = start({{"NODE_DRAIN", "true"}});
  EXPECT_EQ(sidecar->ask().substr(0, 3), "500");
  EXPECT_EQ(api.counts().nodes.requests, 0U);
}

}  // namespace
}  // namespace sidecar::test
