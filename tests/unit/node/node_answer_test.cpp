#include "sidecar/node/node_answer.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace sidecar::node {
namespace {

using namespace std::chrono_literals;
using health::reason;

constexpr time_point listed_at{24h};

health::workload_pod judged(const std::string& workload, const std::string& name, reason why) {
  return {.namespace_name = "demo",
          .workload = workload,
          .name = name,
          .version = "1",
          .judged = why,
          .containers = {{"game", why}}};
}

known_pods three_workloads() {
  known_pods known;
  known.list(
      {.pods = {judged("web", "web-1", reason::all_containers_ready),
                judged("web", "web-2", reason::all_containers_ready),
                judged("web", "web-3", reason::container_not_ready),
                judged("api", "api-1", reason::container_not_ready), judged("vpn", "vpn-1", reason::pod_terminating)},
       .observed = listed_at,
       .version = "100"});
  return known;
}

std::string text_of(const health::answer& given) {
  std::string text{name(given.verdict.reason)};
  if (given.held) text += " held " + std::to_string(given.held->count());
  if (given.weight) text += " of " + std::to_string(*given.weight);
  return text;
}

TEST(NodeAnswer, IsThatOfTheWorkloadThatThePathNames) {
  const auto known = three_workloads();
  const node_conditions none{.hold = {.stale_grace = 30s}};
  const node_conditions failed{.failure = reason::api_unreachable, .hold = {.stale_grace = 30s}};
  const node_conditions strict{.failure = reason::api_unreachable};
  const node_conditions draining{.is_draining = true, .hold = {.stale_grace = 30s}};
  const node_conditions leaving{.is_node_leaving = true, .hold = {.stale_grace = 30s}};
  const node_conditions leaving_unseen{
      .is_node_leaving = true, .failure = reason::api_unreachable, .hold = {.stale_grace = 30s}};
  const node_conditions both{.is_draining = true, .is_node_leaving = true, .hold = {.stale_grace = 30s}};
  const struct {
    const char* named;
    const node_conditions& conditions;
    std::chrono::seconds later;
    const char* expected;
  } rows[] = {
      {"demo/web", none, 1s, "AllContainersReady of 2"},
      {"demo/web", none, 20s, "AllContainersReady of 2"},
      {"demo/web/game", none, 1s, "AllContainersReady of 2"},
      {"demo/web/other", none, 1s, "NoSuchContainer of 0"},
      {"demo/api", none, 1s, "ContainerNotReady of 0"},
      {"demo/vpn", none, 1s, "PodTerminating of 0"},
      {"demo/absent", none, 1s, "NoPodOnNode of 0"},
      {"prod/web", none, 1s, "NoPodOnNode of 0"},
      {"demo/", none, 1s, "NoPodOnNode of 0"},
      {"nodez", none, 1s, "NodeKnown"},
      {"", none, 1s, "WorkloadNotNamed of 0"},
      {"web", none, 1s, "WorkloadNotNamed of 0"},
      // No LIST confirms it any more.
      {"demo/web", none, 21s, "AllContainersReady held 21 of 2"},
      {"demo/web", none, 31s, "ApiTimeout of 0"},
      {"demo/web", failed, 1s, "AllContainersReady held 1 of 2"},
      {"demo/web", failed, 31s, "ApiUnreachable of 0"},
      {"demo/api", failed, 5s, "ContainerNotReady held 5 of 0"},
      {"demo/absent", failed, 5s, "NoPodOnNode held 5 of 0"},
      {"demo/absent", failed, 31s, "ApiUnreachable of 0"},
      {"nodez", failed, 5s, "NodeKnown held 5"},
      {"nodez", failed, 31s, "ApiUnreachable"},
      {"demo/web", strict, 1s, "ApiUnreachable of 0"},
      {"", failed, 31s, "WorkloadNotNamed of 0"},
      // The agent is leaving: a drain where the workload is ready.
      {"demo/web", draining, 1s, "Draining of 0"},
      {"demo/absent", draining, 1s, "NoPodOnNode of 0"},
      {"nodez", draining, 1s, "Draining"},
      {"", draining, 1s, "WorkloadNotNamed of 0"},
      // The node is leaving: the same, but not for the agent itself.
      {"demo/web", leaving, 1s, "NodeDraining of 0"},
      {"demo/web/game", leaving, 1s, "NodeDraining of 0"},
      {"demo/web/other", leaving, 1s, "NodeDraining of 0"},
      {"demo/api", leaving, 1s, "NodeDraining of 0"},
      {"demo/vpn", leaving, 1s, "PodTerminating of 0"},
      {"demo/absent", leaving, 1s, "NoPodOnNode of 0"},
      {"nodez", leaving, 1s, "NodeKnown"},
      {"", leaving, 1s, "WorkloadNotNamed of 0"},
      {"demo/web", leaving_unseen, 5s, "NodeDraining held 5 of 0"},
      {"demo/web", leaving_unseen, 31s, "ApiUnreachable of 0"},
      {"demo/web", both, 1s, "Draining of 0"},
  };
  for (const auto& row : rows) {
    const auto given = answer_of(read_query(row.named), known, row.conditions, listed_at + row.later);
    EXPECT_EQ(text_of(given), row.expected) << row.named << " after " << row.later.count();
  }
  EXPECT_TRUE(is_drain(answer_of(read_query("demo/web"), known, leaving, listed_at).verdict.reason));
  EXPECT_TRUE(is_drain(answer_of(read_query("demo/web"), known, both, listed_at).verdict.reason));
  EXPECT_FALSE(is_drain(answer_of(read_query("demo/api"), known, leaving, listed_at).verdict.reason));
  EXPECT_FALSE(is_drain(answer_of(read_query("demo/web/other"), known, leaving, listed_at).verdict.reason));
  const auto leaves = answer_of(read_query("demo/web"), known, draining, listed_at);
  EXPECT_TRUE(is_drain(leaves.verdict.reason));
  EXPECT_FALSE(is_drain(answer_of(read_query("demo/api"), known, draining, listed_at).verdict.reason));
}

TEST(NodeAnswer, BeforeTheFirstListIsNotHealthy) {
  const known_pods known;
  const node_conditions failed{.failure = reason::api_forbidden, .hold = {.stale_grace = 30s}};
  EXPECT_EQ(text_of(answer_of(read_query("demo/web"), known, failed, listed_at)), "ApiForbidden of 0");
  EXPECT_EQ(text_of(answer_of(read_query("demo/web"), known, {}, listed_at)), "ApiTimeout of 0");
  EXPECT_EQ(text_of(answer_of(read_query("nodez"), known, {}, listed_at)), "ApiTimeout");
}

}  // namespace
}  // namespace sidecar::node
