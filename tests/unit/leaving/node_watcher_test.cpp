#include "sidecar/leaving/node_watcher.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <optional>
#include <string>

#include "sidecar/kube/service_account.hpp"
#include "support/api_server.hpp"
#include "support/faults.hpp"
#include "support/nodes.hpp"
#include "support/service_account_files.hpp"
#include "support/temp_dir.hpp"
#include "unit/net/run.hpp"

/// From the API server's socket to what is known of the node.
namespace sidecar::leaving {
namespace {

using namespace std::chrono_literals;

class NodeWatcher : public testing::Test {
 protected:
  NodeWatcher() {
    server.put_pod(test::pod{});
    server.allow();
    for (const auto* name : {"node-a", "node-b"}) server.put_node(test::node{test::node_spec{.name = name}});
    settings.taints = {"gone"};
    settings.watches = true;
    settings.first_timeout = 10s;
    settings.on_change = [this] { ++changes; };
  }

  node_watcher& watcher() {
    if (!watcher_) {
      const kube::api_client_settings way{.url = {true, server.address(), server.port()},
                                          .pod = {"demo", "game-0"},
                                          .timeout = 5s,
                                          .user_agent = "test/1"};
      watcher_.emplace(context.get_executor(), settings, way, credentials);
    }
    return *watcher_;
  }

  void taint(const std::string& name) {
    server.update_node(name, [](test::node& one) { one.set_taint("gone"); });
  }
  bool becomes(const std::string& node, const std::string& cause) {
    return test::run_until(context, [&] { return watcher().cause_of(node) == cause; });
  }
  void wait_for_result() {
    bool has_ended = false;
    boost::asio::co_spawn(context, watcher().wait_for_result(), [&](std::exception_ptr error) {
      EXPECT_EQ(error, nullptr);
      has_ended = true;
    });
    EXPECT_TRUE(test::run_until(context, [&] { return has_ended; }));
  }

  test::api_server server;
  std::string token = server.add_token();
  test::temp_dir directory;
  test::service_account_files files{directory.path() / "sa", token, server.ca(), "demo"};
  kube::service_account credentials{files.path().string()};
  boost::asio::io_context context{1};
  int changes = 0;
  node_watcher_settings settings;
  std::optional<node_watcher> watcher_;
};

TEST_F(NodeWatcher, FollowsTheTargetFromNodeToNode) {
  taint("node-b");
  watcher().follow("node-a");
  wait_for_result();
  EXPECT_EQ(watcher().describe().drain_cause, "");
  for (int moves = 0; moves < 6; ++moves) {
    watcher().follow("node-b");
    EXPECT_EQ(watcher().describe().name, "node-b");
    EXPECT_TRUE(becomes("node-b", "taint gone")) << "at once, however often it moves";
    watcher().follow("node-a");
    EXPECT_EQ(watcher().cause_of("node-b"), "taint gone") << "a snapshot may still name it";
  }
  taint("node-a");
  EXPECT_TRUE(becomes("node-a", "taint gone"));
}

TEST_F(NodeWatcher, WatchesTheNodeOfNow) {
  watcher().follow("node-a");
  wait_for_result();
  ASSERT_TRUE(test::run_until(context, [&] { return server.counts().nodes.watching == 1; }));
  watcher().follow("node-b");
  wait_for_result();
  taint("node-a");
  taint("node-b");
  EXPECT_TRUE(becomes("node-b", "taint gone"));
  EXPECT_EQ(watcher().cause_of("node-a"), "");
}

TEST_F(NodeWatcher, IsReadByGetWhereListOrWatchIsDenied) {
  server.allow_nodes({"get"});
  taint("node-a");
  watcher().follow("node-a");
  wait_for_result();
  EXPECT_EQ(watcher().cause_of("node-a"), "taint gone");
  EXPECT_EQ(server.counts().nodes.gets, 1U);
}

TEST_F(NodeWatcher, AFailureIsAResultToo) {
  server.allow_nodes({});
  watcher().follow("node-a");
  wait_for_result();
  EXPECT_FALSE(watcher().awaits_result());
  EXPECT_EQ(changes, 1);
  EXPECT_EQ(watcher().describe().failure, health::reason::api_forbidden);
}

TEST_F(NodeWatcher, WaitsForTheFirstResultOnce) {
  settings.first_timeout = 50ms;
  server.inject(test::for_nodes(test::silence_at(test::phase::request)));
  const auto begin = std::chrono::steady_clock::now();
  watcher().follow("node-a");
  wait_for_result();
  const auto first = std::chrono::steady_clock::now();
  EXPECT_GE(first - begin, 50ms);
  for (int i = 0; i < 100; ++i) wait_for_result();
  EXPECT_LT(std::chrono::steady_clock::now() - first, 2s) << "a hundred times 50 ms are 5 s";
}

class NodeWatcherBy : public NodeWatcher, public testing::WithParamInterface<bool> {};

TEST_P(NodeWatcherBy, IsReadAgainAtOnceWhenTheApiServerAnswersAgain) {
  settings.watches = GetParam();
  const auto reads = [this] { return server.counts().nodes.lists + server.counts().nodes.gets; };
  watcher().follow("node-a");
  wait_for_result();
  EXPECT_EQ(reads(), 1U);
  EXPECT_EQ(changes, 1);
  watcher().follow("node-a");
  EXPECT_FALSE(watcher().awaits_result()) << "nothing has failed";
  watcher().note_outage();
  watcher().follow("node-a");
  EXPECT_TRUE(watcher().awaits_result());
  wait_for_result();
  EXPECT_FALSE(watcher().awaits_result());
  EXPECT_EQ(reads(), 2U);
  EXPECT_EQ(changes, 2) << "a result that was awaited, though the node is as it was";
}

INSTANTIATE_TEST_SUITE_P(All, NodeWatcherBy, testing::Bool(),
                         [](const auto& row) { return row.param ? "Watch" : "Get"; });

TEST_F(NodeWatcher, TheWaitIsPartOfTheTimeSinceTheCallForThePod) {
  settings.first_timeout = 1h;
  server.inject(test::for_nodes(test::silence_at(test::phase::request)));
  watcher().follow("node-a", boottime_clock::now() - 2h);
  EXPECT_FALSE(watcher().awaits_result());
  watcher().follow("node-b");
  EXPECT_TRUE(watcher().awaits_result());
}

TEST_F(NodeWatcher, HasNothingToWaitForWithoutANode) {
  wait_for_result();
  for (const auto* name : {"", "../pods", "node a", "Node-A"}) watcher().follow(name);
  wait_for_result();
  EXPECT_EQ(watcher().describe().name, "");
  EXPECT_EQ(server.counts().nodes.requests, 0U);
}

TEST_F(NodeWatcher, StopsBeforeItHasBegun) {
  watcher().stop();
  watcher().follow("node-a");
  wait_for_result();
  EXPECT_EQ(watcher().describe().name, "");
}

}  // namespace
}  // namespace sidecar::leaving
