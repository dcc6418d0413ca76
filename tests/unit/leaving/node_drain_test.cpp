#include "sidecar/leaving/node_drain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "sidecar/leaving/node_poll.hpp"

namespace sidecar::leaving {
namespace {

using namespace std::chrono_literals;
using health::reason;
using kind = watch::steps::notice::kind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const health::node_state stays = health::node{.name = "node-a"};
const health::node_state leaves = health::node{.name = "node-a", .taints = {"gone"}};
const kube::failure away{reason::api_unreachable, "connection refused", {}};
const kube::failure denied{reason::api_forbidden, "HTTP 403", {}};

class NodeDrain : public testing::Test {
 protected:
  NodeDrain() { drain.follow("node-a"); }

  /// By a LIST or a GET, a second after the last one.
  void read(const health::node_state& state) { drain.learn(state, last += 1s); }
  /// By an event.
  void hear(const health::node_state& state) { drain.learn(state, last); }

  time_point last{1h};
  int reads = 0;
  int changes = 0;
  std::vector<std::string> lines;
  node_drain drain{{"gone"},
                   {.on_update =
                        [this](const node_drain::update& given) {
                          reads += given.has_been_read;
                          changes += given.has_changed;
                        },
                    .log = [this](const journal::log_line& one) { lines.push_back(one.message); }}};
};

TEST_F(NodeDrain, KnowsNothingBeforeTheFirstResult) {
  EXPECT_EQ(drain.cause(), std::nullopt);
  EXPECT_EQ(drain.cause_of("node-a"), "");
  drain.note_failure(away);
  EXPECT_EQ(reads, 1) << "there is nothing to wait for";
  EXPECT_EQ(drain.cause(), std::nullopt);
  drain.note_failure(away);
  EXPECT_EQ(reads, 2);
  EXPECT_EQ(changes, 0);
}

TEST_F(NodeDrain, ReportsEachChangeOnce) {
  read(stays);
  read(stays);
  EXPECT_EQ(changes, 1);
  EXPECT_EQ(drain.cause(), "");
  hear(leaves);
  read(leaves);
  EXPECT_EQ(changes, 2);
  EXPECT_EQ(drain.cause(), "taint gone");
  EXPECT_EQ(drain.cause_of("node-a"), "taint gone");
  hear(health::absent_node{});
  EXPECT_EQ(drain.cause(), "it no longer exists");
  read(stays);
  EXPECT_EQ(drain.cause(), "");
  EXPECT_EQ(changes, 4);
}

TEST_F(NodeDrain, NoFailureTurnsADrainIntoUp) {
  read(leaves);
  for (const auto& why : {away, denied, kube::protocol_failure("not a node")}) {
    drain.note_failure(why);
    EXPECT_EQ(drain.cause_of("node-a"), "taint gone");
    EXPECT_EQ(drain.failure(), why.why);
  }
  EXPECT_EQ(changes, 1);
  hear(leaves);
  EXPECT_EQ(drain.failure(), reason::api_protocol) << "an event confirms nothing";
  EXPECT_EQ(drain.observed(), last);
  read(leaves);
  EXPECT_EQ(drain.failure(), std::nullopt);
  EXPECT_EQ(drain.observed(), last);
}

TEST_F(NodeDrain, OfStatesThatCannotBeOrderedTheLeavingOneCounts) {
  read(stays);
  drain.learn_if_leaving(leaves);
  EXPECT_EQ(drain.cause(), "taint gone");
  drain.learn_if_leaving(stays);
  EXPECT_EQ(drain.cause(), "taint gone");
}

TEST_F(NodeDrain, OfTheNodeBeforeWhatIsKnownStandsAndOfOthersNothingIs) {
  read(leaves);
  EXPECT_EQ(drain.cause_of("node-b"), "");
  EXPECT_FALSE(drain.follow("node-a"));
  EXPECT_TRUE(drain.follow("node-b"));
  EXPECT_EQ(drain.cause_of("node-b"), "");
  EXPECT_EQ(drain.cause_of("node-a"), "taint gone") << "a snapshot may still name it";
  read(stays);
  EXPECT_TRUE(drain.follow("node-a"));
  EXPECT_EQ(drain.cause(), "taint gone") << "as last known";
  EXPECT_TRUE(drain.follow("node-c"));
  EXPECT_TRUE(drain.follow("node-b"));
  EXPECT_EQ(drain.cause(), std::nullopt) << "no more than one is kept";
}

TEST_F(NodeDrain, AnEventIsNoRead) {
  read(stays);
  EXPECT_EQ(reads, 1);
  hear(stays);
  hear(leaves);
  EXPECT_EQ(reads, 1) << "it is as old as the path it came on";
  EXPECT_EQ(changes, 2);
  read(leaves);
  EXPECT_EQ(reads, 2);
  EXPECT_EQ(changes, 2);
}

TEST_F(NodeDrain, LogsOnceThatItMayNotReadTheNode) {
  drain.note({kind::denied, "HTTP 403"});
  drain.note_failure(denied);
  drain.note_failure(denied);
  drain.note_failure(away);
  drain.note_failure(denied);
  EXPECT_THAT(lines, ElementsAre(StartsWith("may not read the node, so answers do not say that it is leaving; grant")));
  drain.note({kind::restored});
  read(leaves);
  EXPECT_THAT(lines.back(), HasSubstr("the node can be read"));
  drain.note_failure(denied);
  EXPECT_THAT(lines.back(), StartsWith("may not read the node any more, which stays leaving, as last known; grant"));
  EXPECT_EQ(lines.size(), 3);
}

TEST_F(NodeDrain, LogsOnceThatTheNodeIsReadByGetAlone) {
  for (const auto why : {kind::denied, kind::watches_cut}) {
    lines.clear();
    drain.note({why});
    read(stays);
    drain.note({why});
    read(stays);
    EXPECT_THAT(lines, ElementsAre(HasSubstr("the node is read by a GET about every 9 seconds")));
    drain.note({kind::restored});
    read(stays);
    EXPECT_THAT(lines.back(), HasSubstr("the node can be read"));
    EXPECT_EQ(lines.size(), 2);
  }
}

TEST_F(NodeDrain, LogsOnceThatTheNodeHasNeverBeenRead) {
  drain.note_failure(kube::protocol_failure("not a node"));
  drain.note_failure(kube::protocol_failure("not a node"));
  EXPECT_THAT(lines, ElementsAre(StartsWith("the node cannot be read, so answers do not say that it is leaving: ")));
  read(stays);
  EXPECT_THAT(lines.back(), HasSubstr("the node can be read"));
  drain.note_failure(away);
  EXPECT_EQ(lines.size(), 2) << "an outage is in the pod's lines";
}

TEST(TimeToNextRead, IsNineSecondsAtMostAndAMinuteWhereItIsDenied) {
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
}  // namespace sidecar::leaving
