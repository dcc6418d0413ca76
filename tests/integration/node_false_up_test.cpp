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

  std::vector<std::string> listed() const {
    std::vector<std::string> targets;
    for (const auto& seen : api.requests()) {
      if (seen.target.find("watch=") == std::string::npos) targets.push_back(seen.target);
    }
    return targets;
  }

  const std::string web = "/healthz/demo/web";
};

TEST_F(NodeFalseUp, WrongPathIsNotUp) {
  put("demo", "elsewhere-0", "elsewhere", "node-b");
  const auto agent = start_on_node();
  ASSERT_EQ(agent->ask("GET /healthz/demo/web"), "200 OK");
  const std::string not_named = "500 WorkloadNotNamed";
  const struct {
    std::string line;
    std::string answer;
  } rows[] = {
      {"GET /", not_named},
      {"OPTIONS / HTTP/1.0", not_named},
      {"GET /healthz", not_named},
      {"HEAD /healthz", not_named},
      {"GET /health", not_named},
      {"OPTIONS *", not_named},
      {"GET /healthz/demo", not_named},
      {"GET /healthz/shop/web", "500 NoPodOnNode"},
      {"GET /healthz/demo/db", "500 NoPodOnNode"},
      {"GET /healthz/demo/Web", "500 NoPodOnNode"},
      {"GET /healthz/demo/elsewhere", "500 NoPodOnNode"},
      {"GET /healthz/demo/web-0", "500 NoPodOnNode"},
      {"GET /healthz/demo/game-0", "500 NoPodOnNode"},
      {"GET /healthz/demo/" + std::string(63, 'w'), "500 NoPodOnNode"},
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

/// What such a request is answered is the HTTP face's choice; the answer is no 200 in any case.
TEST_F(NodeFalseUp, OddPathIsNotUp) {
  const auto agent = start_on_node();
  const std::string paths[] = {
      "/healthz/",
      "/healthz/demo/",
      "/healthz/demo/web/",
      "/healthz//web",
      "/healthz/demo%2Fweb",
      "/healthz/demo/web%2Fapp",
      "/healthz%2Fdemo%2Fweb",
      "/healthz/shop/%2e%2e/demo/web",
      "/healthz/demo//web",
      "/healthz/demo/web/app/",
      "/healthz/demo/web/app/more",
      "/healthz/" + std::string(64, 'n') + "/web",
      "/healthz/demo/" + std::string(300, 'w'),
      "/healthz/demo/web/" + std::string(300, 'c'),
      "/healthz/" + std::string(4000, 'n') + "/" + std::string(3000, 'w'),
      "/healthz/demo/web%00",
      "/nodez/demo/web",
  };
  for (const auto& path : paths) {
    for (const char* method : {"GET ", "HEAD ", "OPTIONS "}) {
      SCOPED_TRACE(method + path.substr(0, 80));
      const auto answer = agent->ask(method + path);
      EXPECT_NE(answer.substr(0, 3), "200") << answer;
      EXPECT_NE(answer, "no answer");
    }
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

TEST_F(NodeFalseUp, PermissionThatIsMissingIsDownUntilItIsThere) {
  api.deny();
  const daemon agent{on_node()};
  EXPECT_EQ(ask_workload_until(agent, web, "500 ApiForbidden weight 0"), "500 ApiForbidden weight 0");
  EXPECT_EQ(agent.ask("GET /nodez"), "500 ApiForbidden");
}

/// A Role of the own namespace is not enough for all of them, though the first request of a LIST is allowed.
TEST_F(NodeFalseUp, PermissionForOneNamespaceIsNotOneForTheCluster) {
  api.deny();
  api.allow();
  const daemon agent{on_node()};
  EXPECT_EQ(ask_workload_until(agent, web, "500 ApiForbidden weight 0"), "500 ApiForbidden weight 0");
}

TEST_F(NodeFalseUp, CacheThatIsBehindCostsOnePlainListAndNoAnswer) {
  api.set_ready("app", false, "demo", "web-0");
  api.inject(cache_behind());
  const auto agent = start_on_node();
  EXPECT_EQ(ask_workload(*agent, web), "500 ContainerNotReady weight 0");
  const auto lists = listed();
  ASSERT_EQ(lists.size(), 3U) << "and one of the own pod, for the version";
  EXPECT_NE(lists[1].find("resourceVersionMatch=NotOlderThan"), std::string::npos) << lists[1];
  EXPECT_EQ(lists[2].find("resourceVersion"), std::string::npos) << lists[2];
  EXPECT_NE(lists[2].find("fieldSelector=spec.nodeName%3Dnode-a"), std::string::npos) << lists[2];
}

TEST_F(NodeFalseUp, CacheThatIsBehindForSecondsNeverMakesAPodReady) {
  const auto agent = start_on_node();
  api.set_ready("app", false, "demo", "web-0");
  EXPECT_EQ(ask_workload_until(*agent, web, "500 ContainerNotReady weight 0"), "500 ContainerNotReady weight 0");
  fault behind = cache_behind();
  behind.lasts = 5s;
  api.inject(behind);
  api.end_watches(watch_end::reset);
  const auto before = api.counts().watches;
  const auto end = std::chrono::steady_clock::now() + 5s;
  do {
    EXPECT_EQ(ask_workload(*agent, web).substr(0, 21), "500 ContainerNotReady");
  } while (std::chrono::steady_clock::now() < end && !HasFailure());
  EXPECT_TRUE(api.wait_for([before](const server_counts& now) { return now.watches > before && now.watching == 1; }));
  EXPECT_EQ(ask_workload_until(*agent, web, "500 ContainerNotReady weight 0"), "500 ContainerNotReady weight 0");
}

TEST_F(NodeFalseUp, PagesAreAllRead) {
  for (int i = 0; i < 7; ++i) put("shop", "db-" + std::to_string(i), "db-" + std::to_string(i % 4));
  api.set_ready("app", false, "shop", "db-3");
  api.set_page_size(2);
  const auto agent = start_on_node();
  EXPECT_EQ(ask_workload(*agent, web), "200 OK weight 1");
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(ask_workload(*agent, "/healthz/shop/db-" + std::to_string(i)), "200 OK weight 2");
  EXPECT_EQ(ask_workload(*agent, "/healthz/shop/db-3"), "500 ContainerNotReady weight 0");
  const auto lists = listed();
  ASSERT_EQ(lists.size(), 5U) << "one of the own pod, four pages";
  for (const std::size_t page : {2U, 3U, 4U}) {
    EXPECT_NE(lists[page].find("continue="), std::string::npos) << lists[page];
    EXPECT_NE(lists[page].find("labelSelector=health-sidecar%2Fname"), std::string::npos) << lists[page];
    EXPECT_EQ(lists[page].find("resourceVersion"), std::string::npos) << lists[page];
  }
}

/// Never NoPodOnNode for a pod that was not read: the list is refused as a whole.
TEST_F(NodeFalseUp, OnePodTooManyIsKnownOfNone) {
  std::vector<pod> many;
  for (int i = 0; i < 511; ++i) many.emplace_back(workload_pod("many", "p-" + std::to_string(i), "many"));
  api.put_pods(many);
  {
    const auto agent = start_on_node();
    EXPECT_EQ(ask_workload(*agent, "/healthz/many/many"), "200 OK weight 511");
    EXPECT_EQ(ask_workload(*agent, web), "200 OK weight 1");
  }
  put("zoo", "last-0", "last");
  daemon agent{on_node({{"ANSWER_TIMEOUT", "500ms"}})};
  for (const std::string path : {"/healthz/many/many", "/healthz/demo/web", "/healthz/zoo/last", "/healthz/zoo/none"}) {
    EXPECT_EQ(ask_workload_until(agent, path, "500 ApiProtocol weight 0"), "500 ApiProtocol weight 0") << path;
  }
  EXPECT_NE(agent.logged("512"), "");
}

}  // namespace
}  // namespace sidecar::test
