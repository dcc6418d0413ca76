#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "sidecar/app/node_answer.hpp"

/// Every row of the verdict table that a pod of a workload can be in, in every situation that node mode adds.
namespace sidecar::app {
namespace {

using namespace std::chrono_literals;
using health::reason;
using health::requirement;

constexpr time_point observed{24h};

struct verdict_row {
  const char* name;
  std::function<void(health::pod&)> change;
  reason alone;
  reason beside_unready;  ///< another pod of the workload is not ready
  requirement require = requirement::containers;
  friend void PrintTo(const verdict_row& row, std::ostream* out) { *out << row.name; }
};

health::pod ready_pod(const std::string& name, const std::string& version) {
  health::pod made;
  made.namespace_name = "demo";
  made.workload = "web";
  made.name = name;
  made.uid = "uid-of-" + name;
  made.resource_version = version;
  made.phase = "Running";
  made.containers = {{"game"}};
  made.statuses = {{"game", true}};
  made.ready_is_true = made.containers_ready_is_true = true;
  return made;
}

class NodeVerdict : public testing::TestWithParam<verdict_row> {
 protected:
  NodeVerdict() { known.list({.observed = observed, .version = "100"}); }

  health::pod pod_of_row(const std::string& version) const {
    auto made = ready_pod("web-1", version);
    GetParam().change(made);
    return made;
  }
  health::pod unready_pod(const std::string& version) const {
    auto made = ready_pod("web-2", version);
    made.statuses.front().ready = made.ready_is_true = made.containers_ready_is_true = false;
    return made;
  }
  void changed(const health::pod& one) { deliver(one, one.workload.empty()); }
  void deleted(const health::pod& one) { deliver(one, true); }
  void deliver(const health::pod& one, bool is_gone) {
    ASSERT_TRUE(known.deliver(judge_workload_pod(one, GetParam().require), is_gone, observed + 1s));
  }
  health::answer ask(const std::string& named = "demo/web") const {
    return answer_of(read_query(named), known, {}, observed + 2s);
  }
  void expect(reason why, unsigned ready) const {
    const auto given = ask();
    EXPECT_EQ(name(given.verdict.reason), name(why));
    EXPECT_EQ(given.verdict, health::verdict_of(why));
    EXPECT_EQ(given.weight, ready);
  }
  unsigned own_weight() const { return health::verdict_of(GetParam().alone).state == health::state::healthy ? 1 : 0; }
  reason all_ready() const {
    return GetParam().require == requirement::pod ? reason::pod_ready : reason::all_containers_ready;
  }

  known_node known;
};

TEST_P(NodeVerdict, OfOnePod) {
  changed(pod_of_row("101"));
  expect(GetParam().alone, own_weight());
}

TEST_P(NodeVerdict, BesideAReadyPod) {
  changed(pod_of_row("101"));
  changed(ready_pod("web-2", "102"));
  expect(all_ready(), 1 + own_weight());
}

TEST_P(NodeVerdict, BesideAnUnreadyPod) {
  changed(pod_of_row("101"));
  changed(unready_pod("102"));
  expect(GetParam().beside_unready, own_weight());
}

TEST_P(NodeVerdict, OfAnotherNamespaceOrWorkload) {
  changed(pod_of_row("101"));
  EXPECT_EQ(ask("prod/web").verdict.reason, reason::no_pod_on_node);
  EXPECT_EQ(ask("demo/api").verdict.reason, reason::no_pod_on_node);
  auto elsewhere = ready_pod("web-1", "102");
  elsewhere.namespace_name = "prod";
  changed(elsewhere);
  expect(GetParam().alone, own_weight());
}

TEST_P(NodeVerdict, WhenTheLabelIsAddedChangedAndRemoved) {
  expect(reason::no_pod_on_node, 0);
  changed(pod_of_row("101"));
  expect(GetParam().alone, own_weight());
  auto relabelled = pod_of_row("102");
  relabelled.workload = "api";
  changed(relabelled);
  expect(reason::no_pod_on_node, 0);
  EXPECT_EQ(ask("demo/api").verdict.reason, GetParam().alone);
  relabelled = pod_of_row("103");
  relabelled.workload.clear();
  changed(relabelled);
  EXPECT_EQ(ask("demo/api").verdict.reason, reason::no_pod_on_node);
}

TEST_P(NodeVerdict, WhenThePodLeavesTheNode) {
  changed(pod_of_row("101"));
  deleted(pod_of_row("102"));  // a watch says so of a pod that is deleted, moved or not selected any more
  expect(reason::no_pod_on_node, 0);
}

TEST_P(NodeVerdict, WhenThePodIsReplaced) {
  changed(pod_of_row("101"));
  auto next = ready_pod("web-1", "103");
  next.uid = "another";
  deleted(pod_of_row("102"));
  changed(next);
  expect(all_ready(), 1);
  deleted(next);
  changed(pod_of_row("105"));
  expect(GetParam().alone, own_weight());
}

void unready(health::pod& one) {
  one.statuses.front().ready = one.ready_is_true = one.containers_ready_is_true = false;
}

const verdict_row verdict_rows[] = {
    {"Ready", [](auto&) {}, reason::all_containers_ready, reason::all_containers_ready},
    {"NotReady", unready, reason::container_not_ready, reason::container_not_ready},
    {"NoStatus", [](auto& one) { one.statuses.clear(); }, reason::container_status_unknown,
     reason::container_status_unknown},
    {"Terminating", [](auto& one) { one.deletion_requested = true; }, reason::pod_terminating, reason::pod_terminating},
    {"TerminatingAndNotReady",
     [](auto& one) {
       one.deletion_requested = true;
       unready(one);
     },
     reason::pod_terminating_unready, reason::container_not_ready},
    {"TerminatedByTheKubelet", [](auto& one) { one.terminated_by_kubelet = true; }, reason::pod_terminating,
     reason::pod_terminating},
    {"Maintenance", [](auto& one) { one.maintenance = "true"; }, reason::maintenance, reason::maintenance},
    {"MaintenanceAndNotReady",
     [](auto& one) {
       one.maintenance = "true";
       unready(one);
     },
     reason::maintenance_unready, reason::container_not_ready},
    {"Failed", [](auto& one) { one.phase = "Failed"; }, reason::pod_failed, reason::container_not_ready},
    {"Succeeded", [](auto& one) { one.phase = "Succeeded"; }, reason::pod_succeeded, reason::container_not_ready},
    {"Restarting", [](auto& one) { one.all_containers_restarting = true; }, reason::pod_restarting,
     reason::pod_restarting},
    {"NodeLost",
     [](auto& one) {
       one.ready_is_true = false;
       one.ready_is_false = true;
     },
     reason::node_lost, reason::container_not_ready},
    {"ReadyCondition", [](auto&) {}, reason::pod_ready, reason::pod_ready, requirement::pod},
    {"ClosedGate",
     [](auto& one) {
       one.ready_is_true = false;
       one.ready_is_false = true;
       one.unready_reason = "ReadinessGatesNotReady";
     },
     reason::pod_not_ready, reason::pod_not_ready, requirement::pod},
};

INSTANTIATE_TEST_SUITE_P(All, NodeVerdict, testing::ValuesIn(verdict_rows),
                         [](const auto& row) { return std::string{row.param.name}; });

}  // namespace
}  // namespace sidecar::app
