#include "sidecar/health/workload.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sidecar/health/parse_pod.hpp"

namespace sidecar::health {
namespace {

pod two_containers(bool game_ready, bool metrics_ready) {
  pod made;
  made.namespace_name = "demo";
  made.workload = "web";
  made.name = "web-1";
  made.resource_version = "7";
  made.containers = {{"game", container::kind::regular}, {"setup", container::kind::init}, {"metrics"}};
  made.statuses = {{"game", game_ready}, {"metrics", metrics_ready}};
  return made;
}

pod terminating(pod one) {
  one.deletion_requested = true;
  return one;
}
pod maintained(pod one) {
  one.maintenance = "true";
  return one;
}
pod killed(pod one) {
  one.terminated_by_kubelet = true;
  return one;
}
pod failed(pod one) {
  one.phase = "Failed";
  return one;
}
pod succeeded(pod one) {
  one.phase = "Succeeded";
  return one;
}
pod restarting(pod one) {
  one.all_containers_restarting = true;
  return one;
}
pod unreported(pod one) {
  one.statuses.clear();
  return one;
}
pod lost(pod one) {
  one.containers_ready_is_true = one.ready_is_false = true;
  return one;
}

workload_verdict judge_all(const std::vector<pod>& pods, requirement require, const char* container = "") {
  std::vector<workload_pod> judged;
  for (const auto& one : pods) judged.push_back(judge_workload_pod(one, require));
  return judge_workload(judged, container);
}

TEST(Workload, IsReadyWhileOnePodIsAndElseSaysWhatTheNearestOneLacks) {
  const pod ready = two_containers(true, true);
  const pod unready = two_containers(false, true);
  const struct {
    std::vector<pod> pods;
    const char* container;
    workload_verdict expected;
  } rows[] = {
      {{}, "", {reason::no_pod_on_node}},
      {{}, "game", {reason::no_pod_on_node}},
      {{ready}, "", {reason::all_containers_ready, 1}},
      {{unready}, "", {reason::container_not_ready}},
      {{unready, ready, ready}, "", {reason::all_containers_ready, 2}},
      {{unready}, "metrics", {reason::container_ready, 1}},
      {{unready}, "METRICS", {reason::container_ready, 1}},
      {{unready, ready}, "game", {reason::container_ready, 1}},
      {{ready}, "setup", {reason::target_is_init_container}},
      {{ready}, "other", {reason::no_such_container}},
      {{ready, terminating(ready)}, "", {reason::all_containers_ready, 1}},
      {{terminating(ready)}, "", {reason::pod_terminating}},
      {{terminating(ready), unready}, "", {reason::pod_terminating}},
      {{unready, maintained(ready)}, "", {reason::maintenance}},
      {{terminating(unready)}, "", {reason::pod_terminating_unready}},
      {{terminating(unready), unready}, "", {reason::container_not_ready}},
      {{terminating(unready)}, "metrics", {reason::pod_terminating}},
      {{failed(ready), lost(ready)}, "", {reason::node_lost}},
      {{failed(ready)}, "game", {reason::pod_failed}},
      {{lost(ready), terminating(lost(ready)), unready}, "", {reason::container_not_ready}},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(judge_all(row.pods, requirement::containers, row.container), row.expected)
        << name(row.expected.why) << " of " << row.pods.size() << " for " << row.container;
  }
}

TEST(Workload, OfTwoPodsIsAsTheNearerToReady) {
  const pod ready = two_containers(true, true);
  const pod unready = two_containers(false, true);
  const struct {
    pod one;
    reason alone;
    reason beside_unready;
  } rows[] = {
      {ready, reason::all_containers_ready, reason::all_containers_ready},
      {unready, reason::container_not_ready, reason::container_not_ready},
      {unreported(ready), reason::container_status_unknown, reason::container_status_unknown},
      {terminating(ready), reason::pod_terminating, reason::pod_terminating},
      {terminating(unready), reason::pod_terminating_unready, reason::container_not_ready},
      {killed(ready), reason::pod_terminating, reason::pod_terminating},
      {maintained(ready), reason::maintenance, reason::maintenance},
      {maintained(unready), reason::maintenance_unready, reason::container_not_ready},
      {failed(ready), reason::pod_failed, reason::container_not_ready},
      {succeeded(ready), reason::pod_succeeded, reason::container_not_ready},
      {restarting(ready), reason::pod_restarting, reason::pod_restarting},
      {lost(ready), reason::node_lost, reason::container_not_ready},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(name(row.alone));
    const unsigned own = row.alone == reason::all_containers_ready ? 1 : 0;
    const auto judge = [](const std::vector<pod>& pods) { return judge_all(pods, requirement::containers); };
    EXPECT_EQ(judge({row.one}), (workload_verdict{row.alone, own}));
    EXPECT_EQ(judge({row.one, ready}), (workload_verdict{reason::all_containers_ready, own + 1}));
    EXPECT_EQ(judge({row.one, unready}), (workload_verdict{row.beside_unready, own}));
  }
}

TEST(Workload, JudgesTheReadyConditionWhereItIsRequired) {
  const auto gated = two_containers(true, true);
  EXPECT_EQ(judge_all({gated, gated}, requirement::pod), (workload_verdict{reason::pod_not_ready}));
  auto ready = gated;
  ready.ready_is_true = true;
  EXPECT_EQ(judge_all({ready}, requirement::pod), (workload_verdict{reason::pod_ready, 1}));
  EXPECT_EQ(judge_all({gated, ready}, requirement::pod), (workload_verdict{reason::pod_ready, 1}));
  EXPECT_EQ(judge_all({ready, ready}, requirement::pod), (workload_verdict{reason::pod_ready, 2}));
}

TEST(Workload, OfAUsualPodKeepsLittleAndCountsIt) {
  auto one = two_containers(true, true);
  EXPECT_LE(kept_bytes(judge_workload_pod(one, requirement::containers)), 512u);
  for (int i = 0; i < 40; ++i) one.containers.push_back({std::string(60, 'a'), container::kind::regular});
  EXPECT_GT(kept_bytes(judge_workload_pod(one, requirement::containers)), max_workload_pod);
}

TEST(WorkloadLabel, IsReadWhereItsKeyIsGiven) {
  const char* const text =
      R"({"metadata":{"name":"web-1","labels":{"health-sidecar/name":"web","a":"b"}},"spec":{"nodeName":"node-a"}})";
  const auto named = parse_pod_item(text, labels_read{"", "health-sidecar/name"});
  ASSERT_TRUE(named);
  EXPECT_EQ(named->workload, "web");
  EXPECT_EQ(named->node_name, "node-a");
  EXPECT_FALSE(named->maintenance);
  const auto unread = parse_pod_item(text);
  ASSERT_TRUE(unread);
  EXPECT_EQ(unread->workload, "");
  const auto both = parse_pod_item(R"({"metadata":{"labels":{"m":"true","w":"x"}}})", {"m", "w"});
  ASSERT_TRUE(both);
  EXPECT_EQ(both->maintenance, "true");
  EXPECT_EQ(both->workload, "x");
  EXPECT_FALSE(parse_pod_item(R"({"metadata":{"labels":{"w":1}}})", {"m", "w"}));
  EXPECT_FALSE(parse_pod_item(R"({"metadata":{"labels":{"w":"a","w":"b"}}})", {"m", "w"}));
}

}  // namespace
}  // namespace sidecar::health
