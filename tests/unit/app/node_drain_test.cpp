#include "sidecar/app/node_drain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sidecar/app/node_poll.hpp"

namespace sidecar::app {
namespace {

using health::reason;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const health::node_state stays = health::node{.name = "node-a"};
const health::node_state leaves = health::node{.name = "node-a", .taints = {"gone"}};
const kube::failure away{reason::api_unreachable, "connection refused", {}};
const kube::failure denied{reason::api_forbidden, "HTTP 403", {}};

struct NodeDrain : ::testing::Test {
  NodeDrain() { drain.follow("node-a"); }

  int news = 0;
  std::vector<std::string> lines;
  node_drain drain{
      {"gone"}, {.on_news = [this] { ++news; }, .log = [this](const log_line& one) { lines.push_back(one.message); }}};
};

TEST_F(NodeDrain, KnowsNothingBeforeTheFirstWord) {
  EXPECT_FALSE(drain.is_settled());
  EXPECT_EQ(drain.cause(), std::nullopt);
  EXPECT_EQ(drain.cause_of("node-a"), "");
  drain.note_failure(away);
  EXPECT_TRUE(drain.is_settled()) << "there is nothing to wait for";
  EXPECT_EQ(drain.cause(), std::nullopt);
  EXPECT_EQ(news, 1);
  drain.note_failure(away);
  EXPECT_EQ(news, 1);
}

TEST_F(NodeDrain, SaysEachChangeOnce) {
  drain.learn(stays);
  drain.learn(stays);
  EXPECT_EQ(news, 1);
  EXPECT_EQ(drain.cause(), "");
  drain.learn(leaves);
  drain.learn(leaves);
  EXPECT_EQ(news, 2);
  EXPECT_EQ(drain.cause(), "taint gone");
  EXPECT_EQ(drain.cause_of("node-a"), "taint gone");
  drain.learn(health::absent_node{});
  EXPECT_EQ(drain.cause(), "it no longer exists");
  drain.learn(stays);
  EXPECT_EQ(drain.cause(), "");
  EXPECT_EQ(news, 4);
}

TEST_F(NodeDrain, NoFailureTurnsADrainIntoUp) {
  drain.learn(leaves);
  for (const auto& why : {away, denied, kube::protocol_failure("not a node")}) {
    drain.note_failure(why);
    EXPECT_EQ(drain.cause_of("node-a"), "taint gone");
    EXPECT_EQ(drain.failure(), why.why);
  }
  EXPECT_EQ(news, 1);
  drain.learn(leaves);
  EXPECT_EQ(drain.failure(), std::nullopt);
}

TEST_F(NodeDrain, OfStatesThatCannotBeOrderedTheLeavingOneCounts) {
  drain.learn(stays);
  drain.learn_if_leaving(leaves);
  EXPECT_EQ(drain.cause(), "taint gone");
  drain.learn_if_leaving(stays);
  EXPECT_EQ(drain.cause(), "taint gone");
}

TEST_F(NodeDrain, OfAnotherNodeNothingIsKnown) {
  drain.learn(leaves);
  EXPECT_EQ(drain.cause_of("node-b"), "");
  EXPECT_FALSE(drain.follow("node-a"));
  EXPECT_EQ(drain.cause(), "taint gone");
  EXPECT_TRUE(drain.follow("node-b"));
  EXPECT_FALSE(drain.is_settled());
  EXPECT_EQ(drain.cause_of("node-a"), "");
  EXPECT_EQ(drain.cause_of("node-b"), "");
}

TEST_F(NodeDrain, SaysOnceThatItMayNotReadTheNode) {
  drain.note_failure(denied);
  drain.note_failure(denied);
  drain.note_failure(away);
  drain.note_failure(denied);
  EXPECT_THAT(lines, ElementsAre(StartsWith("may not read the node, so answers do not say that it is leaving; grant")));
  drain.learn(leaves);
  EXPECT_THAT(lines.back(), HasSubstr("the node can be read"));
  drain.note_failure(denied);
  EXPECT_THAT(lines.back(), StartsWith("may not read the node any more, which stays leaving, as last known; grant"));
  EXPECT_EQ(lines.size(), 3);
}

TEST(TimeToNextRead, IsWithinTenSecondsAndAMinuteWhereItIsDenied) {
  using namespace std::chrono_literals;
  const struct {
    kube::node_read last;
    std::chrono::nanoseconds shortest, longest;
  } rows[] = {{kube::read_node{{stays, {}}}, 8100ms, 9s}, {away, 8100ms, 9s}, {denied, 54s, 60s}};
  for (const auto& row : rows) {
    EXPECT_EQ(time_to_next_read(row.last, 0), row.longest);
    EXPECT_GE(time_to_next_read(row.last, 0.999), row.shortest);
  }
}

}  // namespace
}  // namespace sidecar::app
