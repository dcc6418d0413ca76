#include <chrono>
#include <string>
#include <vector>

#include "node_drain_fixture.hpp"

/// What reading the node costs the API server in a minute, and what comes a minute later.
namespace sidecar::test {
namespace {

using namespace std::chrono_literals;

class NodeDrainCost : public node_drain_fixture, public testing::WithParamInterface<drain_mode> {
 protected:
  std::vector<std::chrono::steady_clock::duration> pauses() const {
    std::vector<std::chrono::steady_clock::duration> found;
    const auto reads = api.node_requests();
    for (std::size_t i = 1; i < reads.size(); ++i) found.push_back(reads[i].when - reads[i - 1].when);
    return found;
  }
};

TEST_P(NodeDrainCost, OfAMinuteIsAFewRequests) {
  const bool is_live = GetParam() == drain_mode::live;
  const auto target = start_watching_in(GetParam(), {{"API_QPS", "10"}, {"API_TIMEOUT", "2500ms"}});
  ASSERT_EQ(target.ask(), "200 OK");
  api.forget();
  const std::uint64_t most = is_live ? 8 : 4;
  EXPECT_FALSE(api.wait_for([=](const server_counts& now) { return now.nodes.requests > most; }, 60s));
  const auto counts = api.counts().nodes;
  EXPECT_GE(counts.requests, is_live ? 6U : 1U) << "it is read";
  EXPECT_EQ(is_live ? counts.gets : counts.lists + counts.watch_requests, counts.requests);
  if (is_live) {
    for (const auto pause : pauses()) EXPECT_LE(pause, 10s);
  } else {
    EXPECT_EQ(counts.watching, 1U);
  }
  operators_label().put(api);
  EXPECT_EQ(target.ask_until(drains, 20s), drains) << "after all that";
}

INSTANTIATE_TEST_SUITE_P(Of, NodeDrainCost, testing::Values(drain_mode::live, drain_mode::watch, drain_mode::node),
                         [](const auto& tested) { return name_of(tested.param); });

using NodeForbidden = node_drain_fixture;

TEST_F(NodeForbidden, IsAskedForOnceAMinuteAndCountsOnceItMayBeRead) {
  operators_label().put(api);
  api.allow_nodes({});
  auto target = start_in(drain_mode::live);
  ASSERT_EQ(target.ask(), "200 OK");
  EXPECT_FALSE(more_node_requests(1, 50s));
  api.allow_nodes();
  EXPECT_TRUE(more_node_requests(1, 40s));
  EXPECT_NE(target.program().logged("the node can be read"), "");
  EXPECT_EQ(target.ask_until(drains), drains);
  EXPECT_EQ(target.program().stop_and_read("may not read the node").size(), 1U);
}

}  // namespace
}  // namespace sidecar::test
