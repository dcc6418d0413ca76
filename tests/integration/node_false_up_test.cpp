#include <chrono>
#include <string>

#include "node_fixture.hpp"

/// A node's agent that is asked the wrong thing, or knows nothing: it is never up by that.
namespace sidecar::test {
namespace {

using namespace std::chrono_literals;

class NodeFalseUp : public node_fixture {
 protected:
  NodeFalseUp() { put("demo", "web-0", "web"); }

  const std::string web = "/healthz/demo/web";
};

/// What each path names is unit/http/route_test.cpp's, and what is answered then unit/node/node_answer_test.cpp's.
TEST_F(NodeFalseUp, WrongPathIsNotUp) {
  put("demo", "elsewhere-0", "elsewhere", "node-b");
  const auto agent = start_on_node();
  ASSERT_EQ(agent->ask("GET /healthz/demo/web"), "200 OK");
  const struct {
    std::string line;
    std::string answer;
  } rows[] = {
      {"HEAD /healthz", "500 WorkloadNotNamed"},
      {"OPTIONS *", "500 WorkloadNotNamed"},
      {"GET /healthz/demo/elsewhere", "500 NoPodOnNode"},
      {"GET /healthz/demo/web/other", "500 NoSuchContainer"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.line);
    http_client client{"127.0.0.1", agent->port()};
    client.send(request(row.line));
    const auto response = client.read_response(row.line.starts_with("HEAD "));
    ASSERT_TRUE(response);
    EXPECT_EQ(summary(response), row.answer);
    EXPECT_EQ(response->status, 500);
    EXPECT_EQ(response->head.find("200"), std::string::npos) << response->head;
    EXPECT_EQ(response->body.find("OK"), std::string::npos) << response->body;
  }
}

TEST_F(NodeFalseUp, VersionlessRequestGetsNotAByte) {
  const auto agent = start_on_node();
  for (const char* line : {"GET /\r\n", "GET /healthz\r\n", "GET /healthz/demo\r\n", "GET /healthz/demo/db\r\n",
                           "GET /healthz/demo/web\r\n"}) {
    http_client client{"127.0.0.1", agent->port()};
    client.send(line);
    EXPECT_EQ(client.read_until_end(), "") << line;
  }
}

TEST_F(NodeFalseUp, ServerThatIsAwayIsHeldForTheGraceAndThenDown) {
  const auto agent = start_on_node({{"STALE_GRACE", "1s"}});
  api.stop();
  EXPECT_EQ(ask_workload_until(*agent, web, "200 OK held weight 1"), "200 OK held weight 1");
  EXPECT_EQ(ask_workload_until(*agent, web, "500 ApiUnreachable weight 0"), "500 ApiUnreachable weight 0");
  EXPECT_EQ(ask_workload(*agent, "/healthz/demo/db").substr(0, 3), "500");
  EXPECT_EQ(agent->ask("GET /nodez"), "500 ApiUnreachable");
}

TEST_F(NodeFalseUp, ServerThatNeverCameIsDown) {
  api.stop();
  const daemon agent{on_node({{"ANSWER_TIMEOUT", "500ms"}})};
  EXPECT_EQ(ask_workload_until(agent, web, "500 ApiUnreachable weight 0"), "500 ApiUnreachable weight 0");
  EXPECT_EQ(agent.ask("GET /nodez"), "500 ApiUnreachable");
  EXPECT_EQ(agent.ask("GET /livez"), "200 OK");
}

TEST_F(NodeFalseUp, WhatChangedWhileTheServerWasAwayIsKnownOnceItIsBack) {
  put("demo", "db-0", "db");
  put("shop", "web-0", "web");
  const auto agent = start_on_node();
  api.stop();
  ASSERT_TRUE(api.wait_for_watches(0));
  api.delete_pod("demo", "web-0");
  api.set_ready("app", false, "demo", "db-0");
  put("demo", "new-0", "new");
  api.start();
  EXPECT_EQ(ask_workload_until(*agent, web, "500 NoPodOnNode weight 0", 20s), "500 NoPodOnNode weight 0");
  EXPECT_EQ(ask_workload(*agent, "/healthz/demo/db"), "500 ContainerNotReady weight 0");
  EXPECT_EQ(ask_workload(*agent, "/healthz/demo/new"), "200 OK weight 1");
  EXPECT_EQ(ask_workload(*agent, "/healthz/shop/web"), "200 OK weight 1");
}

/// A Role of the own namespace is not enough for all of them, though the first request of a LIST is allowed.
TEST_F(NodeFalseUp, PermissionForOneNamespaceIsNotOneForTheCluster) {
  api.deny();
  api.allow();
  const daemon agent{on_node()};
  EXPECT_EQ(ask_workload_until(agent, web, "500 ApiForbidden weight 0"), "500 ApiForbidden weight 0");
}

TEST_F(NodeFalseUp, CacheThatIsBehindForSecondsNeverMakesAPodReady) {
  const auto agent = start_on_node();
  api.set_ready("app", false, "demo", "web-0");
  EXPECT_EQ(ask_workload_until(*agent, web, "500 ContainerNotReady weight 0"), "500 ContainerNotReady weight 0");
  const auto before = api.counts().watches;
  api.inject(cache_behind());
  api.end_watches(watch_end::reset);
  const auto end = std::chrono::steady_clock::now() + 10s;
  do {
    EXPECT_EQ(ask_workload(*agent, web).substr(0, 21), "500 ContainerNotReady");
  } while (api.counts().watches == before && std::chrono::steady_clock::now() < end && !HasFailure());
  EXPECT_GT(api.counts().watches, before) << "a plain LIST is enough to begin again";
  api.clear_faults();
  EXPECT_EQ(ask_workload_until(*agent, web, "500 ContainerNotReady weight 0"), "500 ContainerNotReady weight 0");
}

}  // namespace
}  // namespace sidecar::test
