#include "sidecar/http/serve_agent.hpp"

#include <gtest/gtest.h>

#include <string>

#include "server_fixture.hpp"

namespace sidecar::http {
namespace {

std::string line_for(health::reason why) { return agent_line({health::verdict_of(why)}); }

TEST(AgentLine, SaysWhatHaproxyIsToDo) {
  EXPECT_EQ(line_for(health::reason::all_containers_ready), "up ready\n");
  EXPECT_EQ(line_for(health::reason::state_override_healthy), "up ready\n");
  EXPECT_EQ(line_for(health::reason::pod_terminating), "up drain\n");
  EXPECT_EQ(line_for(health::reason::draining), "up drain\n");
  EXPECT_EQ(line_for(health::reason::pod_terminating_unready), "down #PodTerminating\n");
  EXPECT_EQ(line_for(health::reason::draining_unready), "down #Draining\n");
  EXPECT_EQ(line_for(health::reason::node_draining), "up drain\n");
  EXPECT_EQ(line_for(health::reason::node_draining_unready), "down #NodeDraining\n");
  EXPECT_EQ(line_for(health::reason::maintenance), "up drain\n");
  EXPECT_EQ(line_for(health::reason::maintenance_unready), "down #Maintenance\n");
  EXPECT_EQ(line_for(health::reason::container_not_ready), "down #ContainerNotReady\n");
  EXPECT_EQ(agent_line({health::verdict_of(health::reason::container_ready), 7s}), "up ready\n") << "held";
  EXPECT_EQ(line_for(health::reason::no_such_container), "down #NoSuchContainer\n");
}

TEST(AgentLine, SaysNothingWhereNothingIsKnown) {
  for (std::size_t at = 0; at < health::reason_count; ++at) {
    const auto why = static_cast<health::reason>(at);
    const bool is_about_no_pod = why == health::reason::no_pod_on_node || why == health::reason::workload_not_named;
    EXPECT_EQ(line_for(why) == "\n", health::verdict_of(why).state == health::state::unknown || is_about_no_pod)
        << health::name(why);
  }
}

class AgentPort : public server_fixture {
 protected:
  void start_with_agent(const limits& bounds = {}) {
    tested.emplace(listen(), told, server_settings{.bounds = bounds});
    tested->serve_agent(listen());
    tested->start();
  }
  client connect_agent() { return {io, tested->agent_endpoint()}; }
};

TEST_F(AgentPort, SpeaksFirstAndEnds) {
  start_with_agent();
  auto haproxy = connect_agent();
  ASSERT_TRUE(run_until_received(haproxy, 9));
  haproxy.send_end();
  ASSERT_TRUE(run_until_ended(haproxy));
  EXPECT_EQ(haproxy.received(), "up ready\n");
  EXPECT_TRUE(haproxy.ended_well());
  EXPECT_TRUE(run_until([&] { return tested->connections() == 0; }));
}

TEST_F(AgentPort, WhatHaproxySendsDestroysNothing) {
  told.now = not_ready;
  start_with_agent();
  auto haproxy = connect_agent();
  haproxy.send("agent-send " + std::string(1'000, 'x') + "\n");
  ASSERT_TRUE(run_until([&] { return haproxy.received().ends_with('\n'); }));
  haproxy.send_end();
  ASSERT_TRUE(run_until_ended(haproxy));
  EXPECT_EQ(haproxy.received(), "down #ContainerNotReady\n");
  EXPECT_TRUE(haproxy.ended_well());
}

TEST_F(AgentPort, AsksWhenThereIsNoAnswerAtOnce) {
  told.now.reset();
  told.later = {health::verdict_of(health::reason::pod_terminating)};
  start_with_agent();
  auto haproxy = connect_agent();
  ASSERT_TRUE(run_until([&] { return told.queries == 1; }));
  told.gate->cancel();
  ASSERT_TRUE(run_until_received(haproxy, 9));
  EXPECT_EQ(haproxy.received(), "up drain\n");
}

TEST_F(AgentPort, EndsAConnectionThatItsPeerKeeps) {
  start_with_agent({.linger = 20ms, .sweep = 5ms});
  auto silent = connect_agent();
  ASSERT_TRUE(run_until([&] { return silent.ended() && tested->connections() == 0; }));
  EXPECT_TRUE(silent.ended_well());
}

TEST_F(AgentPort, EndsAPeerThatNeverStopsTalking) {
  start_with_agent();
  auto talker = connect_agent();
  talker.send_in_background(std::string(1'000'000, 'x'));
  ASSERT_TRUE(run_until([&] { return talker.ended() && tested->connections() == 0; }));
}

TEST_F(AgentPort, CountsWithTheHealthPort) {
  start_with_agent({.connections = 1});
  auto idle = connect();
  ASSERT_TRUE(run_until([&] { return tested->connections() == 1; }));
  auto haproxy = connect_agent();
  ASSERT_TRUE(run_until_received(haproxy, 9));
  EXPECT_TRUE(run_until_ended(idle));
}

TEST_F(AgentPort, StopsWithTheHealthPort) {
  start_with_agent();
  const auto at = tested->agent_endpoint();
  tested->stop_accepting();
  tcp::socket late(io);
  error_code refused;
  late.connect(at, refused);
  EXPECT_EQ(refused, asio::error::connection_refused);
}

class NodeAgentPort : public server_fixture {
 protected:
  void start_with_agent(const limits& bounds = {}) {
    tested.emplace(listen(), told, server_settings{.bounds = bounds, .mode = config::run_mode::node});
    tested->serve_agent(listen());
    tested->start();
  }
  client connect_agent() { return {io, tested->agent_endpoint()}; }
};

TEST_F(NodeAgentPort, TheFirstLineNamesTheWorkload) {
  start_with_agent();
  auto haproxy = connect_agent();
  haproxy.send("demo/");
  haproxy.send("web\r\nmore");
  ASSERT_TRUE(run_until_received(haproxy, 9));
  haproxy.send_end();
  ASSERT_TRUE(run_until_ended(haproxy));
  EXPECT_EQ(haproxy.received(), "up ready\n");
  EXPECT_EQ(told.named, "demo/web");
}

TEST_F(NodeAgentPort, ALineOfAnotherFormNamesNothing) {
  start_with_agent();
  for (const char* sent : {"nodez", "demo/", "/web", "demo/web/", "demo/web/game/more", "demo//web", "demo"}) {
    told.named = "before";
    auto haproxy = connect_agent();
    haproxy.send(std::string{sent} + "\n");
    ASSERT_TRUE(run_until_received(haproxy, 9)) << sent;
    EXPECT_EQ(told.named, "") << sent;
  }
}

TEST_F(NodeAgentPort, AContainerThatNoPodHasIsNoOpinion) {
  told.now = health::answer{health::verdict_of(health::reason::no_such_container)};
  start_with_agent();
  auto haproxy = connect_agent();
  haproxy.send("demo/web/x\n");
  ASSERT_TRUE(run_until_received(haproxy, 1));
  EXPECT_EQ(haproxy.received(), "\n");
}

TEST_F(NodeAgentPort, WithoutALineNothingIsNamed) {
  start_with_agent({.agent_line = 20ms, .sweep = 5ms});
  for (const auto& sent : {std::string{}, std::string{"demo/web"}, std::string(300, 'x')}) {
    told.named = "before";
    auto haproxy = connect_agent();
    if (!sent.empty()) haproxy.send(sent);
    ASSERT_TRUE(run_until_received(haproxy, 9)) << sent.size();
    EXPECT_EQ(told.named, "") << sent.size();
  }
}

}  // namespace
}  // namespace sidecar::http
