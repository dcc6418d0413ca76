#include "sidecar/node/known_pods.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

namespace sidecar::node {
namespace {

using namespace std::chrono_literals;
using order = known_pods::order;

constexpr time_point first_moment{24h};

/// "a=ready@7": pod a of workload "demo/web"; "a=down@7", and "a:api=ready@7" of workload "demo/api".
health::workload_pod pod_of(const std::string& text) {
  const auto equals = text.find('='), at = text.find('@'), colon = text.find(':');
  const bool has_workload = colon != text.npos && colon < equals;
  return {.namespace_name = "demo",
          .workload = has_workload ? text.substr(colon + 1, equals - colon - 1) : "web",
          .name = text.substr(0, has_workload ? colon : equals),
          .version = text.substr(at + 1),
          .judged = text.substr(equals + 1, at - equals - 1) == "ready" ? health::reason::all_containers_ready
                                                                        : health::reason::container_not_ready};
}

kube::node_pods list_of(const std::string& pods, const std::string& version, std::chrono::seconds began) {
  kube::node_pods made{.observed = first_moment + began, .version = version};
  std::istringstream words{pods};
  for (std::string one; words >> one;) made.pods.push_back(pod_of(one));
  return made;
}

std::string text_of(const known_pods& known) {
  std::string all;
  for (const auto& one : known.pods()) {
    const bool is_ready = health::verdict_of(one.judged).state == health::state::healthy;
    all.append(all.empty() ? "" : " ").append(one.name).append(one.workload == "web" ? "" : ":" + one.workload);
    all.append(is_ready ? "=ready@" : "=down@").append(one.version);
  }
  return all;
}

/// First a LIST of version 100 at 0 s, then perhaps events at 2 s: "a=down@110", "gone a@110".
struct delivery {
  const char* event;
  order relation;
  bool is_caught_up = true;
};

/// Then perhaps another LIST that began at `began`.
struct node_row {
  const char* name;
  const char* first;
  std::vector<delivery> events;
  const char* known;
  const char* listed = nullptr;
  const char* version = "";
  std::chrono::seconds began{0};
  order relation = order::same;
  const char* known_then = "";
  std::chrono::seconds confirmed{0};
  std::vector<delivery> later{};
  friend void PrintTo(const node_row& row, std::ostream* out) { *out << row.name; }
};

class KnownNode : public testing::TestWithParam<node_row> {
 protected:
  void deliver(const std::vector<delivery>& events, time_point now) {
    for (const auto& [event, relation, is_caught_up] : events) {
      std::string text{event};
      const bool is_gone = text.starts_with("gone ");
      if (is_gone) text = text.substr(5, text.find('@') - 5) + "=ready" + text.substr(text.find('@'));
      const auto delivery = known.deliver(pod_of(text), is_gone, now);
      ASSERT_TRUE(delivery);
      EXPECT_EQ(delivery->relation, relation) << event;
      EXPECT_EQ(delivery->is_caught_up, is_caught_up) << event;
    }
  }

  known_pods known;
};

TEST_P(KnownNode, KeepsTheNewestOfEachPod) {
  const auto& row = GetParam();
  EXPECT_EQ(known.list(list_of(row.first, "100", 0s)), order::same) << "the first LIST is what is known";
  deliver(row.events, first_moment + 2s);
  EXPECT_EQ(text_of(known), row.known);
  if (row.listed == nullptr) return;
  EXPECT_EQ(known.list(list_of(row.listed, row.version, row.began)), row.relation);
  EXPECT_EQ(text_of(known), row.known_then);
  EXPECT_EQ(known.confirmed(), first_moment + row.confirmed);
  deliver(row.later, first_moment + 20s);
}

using enum kube::version_order;
const node_row node_rows[] = {
    {"Nothing", "", {}, ""},
    {"ChangedAddedDeleted",
     "a=ready@90 b=ready@91",
     {{"a=down@110", newer}, {"c=ready@111", newer}, {"gone b@112", newer}},
     "a=down@110 c=ready@111"},
    {"OlderEventsAreIgnored",
     "a=ready@90",
     {{"a=down@89", older}, {"a=down@90", same}, {"gone a@80", older}},
     "a=ready@90"},
    {"WhatWasNotListedIsNotThereByAnEventFromBefore", "", {{"a=ready@99", older}, {"a=ready@100", same}}, ""},
    {"ADeletedPodDoesNotComeBackByAnOlderEvent",
     "a=ready@90",
     {{"gone a@110", newer}, {"a=ready@105", older}, {"gone a@111", same}, {"a=ready@112", newer}},
     "a=ready@112"},
    {"ADeletionMayCarryTheLastStatesVersion", "a=ready@90", {{"gone a@90", newer}}, ""},
    {"AListFromBeforeADeletionWithTheLastStatesVersion",
     "a=ready@90",
     {{"gone a@90", newer}},
     "",
     "a=ready@90",
     "105",
     1s,
     order::unknown,
     "",
     0s},
    {"ARestoredEtcdAndAnEventDuringTheList",
     "a=ready@90",
     {{"c=ready@1000", newer}},
     "a=ready@90 c=ready@1000",
     "a=down@40",
     "50",
     1s,
     order::unknown,
     "a=ready@90 c=ready@1000",
     0s},
    {"ALabelThatChanges", "a=ready@90", {{"a:api=ready@110", newer}}, "a:api=ready@110"},
    {"ALabelThatChangesAndThenGoes", "a=ready@90", {{"a:api=ready@110", newer}, {"gone a@111", newer}}, ""},
    {"OrderIsByWorkload",
     "b=ready@90 a=ready@91",
     {{"0:api=ready@110", newer}},
     "0:api=ready@110 a=ready@91 b=ready@90"},
    {"AnUnorderedEventLeavesTheLessHealthy", "a=ready@90", {{"a=down@x", order::unknown}}, "a=down@90"},
    {"AnUnorderedEventNeverMakesHealthy", "a=down@90", {{"a=ready@x", order::unknown}}, "a=down@90"},
    {"AnUnorderedEndIsDown", "a=ready@90", {{"gone a@x", order::unknown}}, "a=down@90"},

    {"TheSameAgain", "a=ready@90", {}, "a=ready@90", "a=ready@90", "200", 15s, same, "a=ready@90", 15s},
    {"AListFindsAChangeThatTheWatchThenDelivers",
     "a=ready@90 b=ready@91",
     {},
     "a=ready@90 b=ready@91",
     "a=down@150 c=ready@151",
     "200",
     15s,
     newer,
     "a=down@150 c=ready@151",
     15s,
     {{"a=down@149", older, false},
      {"a=down@150", same, false},
      {"gone b@160", same, false},
      {"x=ready@210", newer, false},
      {"c=down@205", newer, true}}},
    {"AListThatBeganBeforeAnEventAndKnowsIt",
     "a=ready@90",
     {{"a=down@110", newer}},
     "a=down@110",
     "a=down@110 b=ready@105",
     "120",
     1s,
     newer,
     "a=down@110 b=ready@105",
     1s,
     {{"b=ready@105", same}}},
    {"AnEventOvertookTheList",
     "a=ready@90 b=ready@91",
     {{"a=down@110", newer}, {"gone b@111", newer}},
     "a=down@110",
     "a=ready@90 b=ready@91",
     "105",
     1s,
     same,
     "a=down@110",
     1s},
    {"AnOlderListBringsWhatTheWatchMissed",
     "a=ready@90 b=ready@91 c=ready@92",
     {{"a=down@110", newer}},
     "a=down@110 b=ready@91 c=ready@92",
     "a=ready@90 b=down@103 d=ready@104",
     "105",
     1s,
     newer,
     "a=down@110 b=down@103 d=ready@104",
     1s,
     {{"gone c@102", same, false}}},
    {"AnOlderListAndANewPod", "", {{"a=ready@110", newer}}, "a=ready@110", "", "105", 1s, same, "a=ready@110", 1s},
    {"ARestoredEtcdCountsAnew",
     "a=ready@90",
     {{"a=down@110", newer}},
     "a=down@110",
     "a=ready@7",
     "50",
     15s,
     newer,
     "a=ready@7",
     15s},
    {"AListThatCannotBeOrderedAgainstAnEvent",
     "a=ready@90",
     {{"a=down@110", newer}},
     "a=down@110",
     "a=ready@90",
     "y",
     1s,
     order::unknown,
     "a=down@110",
     0s},
    {"AListThatBeganBeforeAnUnorderedEvent",
     "a=ready@90",
     {{"a=down@x", order::unknown}},
     "a=down@90",
     "a=ready@90",
     "105",
     1s,
     order::unknown,
     "a=down@90",
     0s},
    {"AListThatBeganAfterAnUnorderedEvent",
     "a=ready@90",
     {{"a=down@x", order::unknown}},
     "a=down@90",
     "a=ready@90",
     "105",
     3s,
     same,
     "a=ready@90",
     3s},
};

INSTANTIATE_TEST_SUITE_P(All, KnownNode, testing::ValuesIn(node_rows),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(KnownNodeBound, IsNotExceeded) {
  known_pods known;
  known.list({.observed = first_moment, .version = "100"});
  for (std::size_t i = 0; i < health::max_workload_pods; ++i) {
    ASSERT_TRUE(
        known.deliver(pod_of("p" + std::to_string(i) + "=ready@" + std::to_string(101 + i)), false, first_moment));
  }
  EXPECT_FALSE(known.deliver(pod_of("more=ready@1000"), false, first_moment));
  EXPECT_TRUE(known.deliver(pod_of("p7=down@1001"), false, first_moment)) << "one that is there changes";
  EXPECT_EQ(known.pods().size(), health::max_workload_pods);
}

TEST(KnownNodeBound, IsNotJumpedByAnOlderList) {
  known_pods known;
  known.list({.observed = first_moment, .version = "100"});
  for (std::size_t i = 0; i + 1 < health::max_workload_pods; ++i) {
    known.deliver(pod_of("p" + std::to_string(i) + "=ready@" + std::to_string(201 + i)), false, first_moment + 2s);
  }
  EXPECT_EQ(known.list(list_of("x=ready@101 y=ready@102 z=ready@103", "110", 1s)), order::newer);
  EXPECT_GT(known.pods().size(), health::max_workload_pods);
  EXPECT_FALSE(known.deliver(pod_of("more=ready@10000"), false, first_moment + 3s));
}

TEST(KnownNodeDeletions, AreForgottenOnceAListIsNewer) {
  known_pods known;
  known.list({.observed = first_moment, .version = "1000"});
  int version = 1000;
  for (int cycle = 0; cycle < 3000; ++cycle) {
    const auto added = std::to_string(++version), gone = std::to_string(++version), later = std::to_string(++version);
    const auto now = first_moment + std::chrono::seconds{cycle};
    known.deliver(pod_of("a=ready@" + added), false, now);
    known.deliver(pod_of("a=ready@" + gone), true, now);
    known.deliver(pod_of("b=ready@" + later), false, now + 1ms);
    kube::node_pods listed{.observed = now, .version = gone};
    if (cycle > 0) listed.pods.push_back(pod_of("b=ready@" + std::to_string(version - 3)));
    ASSERT_EQ(known.list(std::move(listed)), order::same) << cycle;
  }
}

TEST(KnownNodeLookUp, FindsThePodsOfOneWorkload) {
  known_pods known;
  auto listed = list_of("a=ready@1 b=down@2 c:api=ready@3 d:web2=ready@4", "100", 0s);
  listed.pods.push_back({.namespace_name = "prod", .workload = "web", .name = "a", .version = "5", .judged = {}});
  known.list(std::move(listed));
  EXPECT_EQ(known.workload("demo", "web").size(), 2U);
  EXPECT_EQ(known.workload("demo", "api").size(), 1U);
  EXPECT_EQ(known.workload("prod", "web").size(), 1U);
  EXPECT_EQ(known.workload("demo", "we").size(), 0U);
  EXPECT_EQ(known.workload("", "").size(), 0U);
  known.deliver({.namespace_name = "prod", .workload = "web", .name = "a", .version = "101", .judged = {}}, true,
                first_moment + 1s);
  EXPECT_EQ(known.workload("prod", "web").size(), 0U);
  EXPECT_EQ(known.workload("demo", "web").size(), 2U) << "another namespace's pod of that name has gone";
}

}  // namespace
}  // namespace sidecar::node
