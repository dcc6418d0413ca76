#include "sidecar/health/verdict.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace sidecar::health {
namespace {

using ::testing::HasSubstr;

std::vector<reason> all_reasons() {
  std::vector<reason> all;
  for (std::size_t i = 0; i < reason_count; ++i) all.push_back(static_cast<reason>(i));
  return all;
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

// Checkers, dashboards and alerts match these: a name that changes breaks somebody's.
TEST(Reason, NamesAndVerdictsAreTheDocumentedOnes) {
  const struct {
    reason why;
    state result;
    const char* name;
  } rows[] = {
      {reason::all_containers_ready, state::healthy, "AllContainersReady"},
      {reason::container_ready, state::healthy, "ContainerReady"},
      {reason::pod_ready, state::healthy, "PodReady"},
      {reason::node_known, state::healthy, "NodeKnown"},
      {reason::state_override_healthy, state::healthy, "StateOverride"},
      {reason::state_override_unhealthy, state::unhealthy, "StateOverride"},
      {reason::draining, state::unhealthy, "Draining"},
      {reason::draining_unready, state::unhealthy, "Draining"},
      {reason::pod_not_found, state::unhealthy, "PodNotFound"},
      {reason::pod_replaced, state::unhealthy, "PodReplaced"},
      {reason::pod_terminating, state::unhealthy, "PodTerminating"},
      {reason::pod_terminating_unready, state::unhealthy, "PodTerminating"},
      {reason::node_draining, state::unhealthy, "NodeDraining"},
      {reason::node_draining_unready, state::unhealthy, "NodeDraining"},
      {reason::maintenance, state::unhealthy, "Maintenance"},
      {reason::maintenance_unready, state::unhealthy, "Maintenance"},
      {reason::pod_failed, state::unhealthy, "PodFailed"},
      {reason::pod_succeeded, state::unhealthy, "PodSucceeded"},
      {reason::pod_restarting, state::unhealthy, "PodRestarting"},
      {reason::node_lost, state::unhealthy, "NodeLost"},
      {reason::pod_not_ready, state::unhealthy, "PodNotReady"},
      {reason::container_not_ready, state::unhealthy, "ContainerNotReady"},
      {reason::container_status_unknown, state::unhealthy, "ContainerStatusUnknown"},
      {reason::no_such_container, state::unhealthy, "NoSuchContainer"},
      {reason::target_is_init_container, state::unhealthy, "TargetIsInitContainer"},
      {reason::target_is_ephemeral, state::unhealthy, "TargetIsEphemeral"},
      {reason::no_pod_on_node, state::unhealthy, "NoPodOnNode"},
      {reason::workload_not_named, state::unhealthy, "WorkloadNotNamed"},
      {reason::api_unreachable, state::unknown, "ApiUnreachable"},
      {reason::api_untrusted, state::unknown, "ApiUntrusted"},
      {reason::api_timeout, state::unknown, "ApiTimeout"},
      {reason::api_unauthorized, state::unknown, "ApiUnauthorized"},
      {reason::api_forbidden, state::unknown, "ApiForbidden"},
      {reason::api_busy, state::unknown, "ApiBusy"},
      {reason::api_error, state::unknown, "ApiError"},
      {reason::api_protocol, state::unknown, "ApiProtocol"},
  };
  ASSERT_EQ(std::size(rows), reason_count);
  for (const auto& row : rows) {
    SCOPED_TRACE(row.name);
    EXPECT_EQ(name(row.why), row.name);
    EXPECT_EQ(verdict_of(row.why), (verdict{row.result, row.why}));
  }
}

TEST(Reason, NoNameContainsWhatLoadBalancersTakeForHealthy) {
  for (const reason why : all_reasons()) EXPECT_EQ(lower(name(why)).find("ok"), std::string::npos) << name(why);
}

TEST(Reason, NamesFitAStatusLine) {
  for (const reason why : all_reasons()) {
    SCOPED_TRACE(name(why));
    EXPECT_FALSE(name(why).empty());
    EXPECT_LE(name(why).size(), 32u);
    EXPECT_TRUE(std::ranges::all_of(name(why), [](unsigned char c) { return std::isalpha(c) != 0; }));
  }
}

// One name for the operator, two statuses for the load balancer.
TEST(Reason, OnlyThoseOfTwoStatusesShareTheirNames) {
  const std::set<std::string_view> shared{"StateOverride", "Draining", "PodTerminating", "NodeDraining", "Maintenance"};
  std::map<std::string_view, int> uses;
  for (const reason why : all_reasons()) ++uses[name(why)];
  for (const auto& [text, count] : uses) EXPECT_EQ(count, shared.contains(text) ? 2 : 1) << text;
}

TEST(Reason, ADrainIsOneWhileTheTargetIsReady) {
  const std::set<reason> drains{reason::draining, reason::pod_terminating, reason::node_draining, reason::maintenance};
  for (const reason why : all_reasons()) EXPECT_EQ(is_drain(why), drains.contains(why)) << name(why);
}

TEST(Reason, SaysWhatItIsAbout) {
  using enum reason;
  const std::set<reason> of_containers{container_ready,   container_not_ready,      container_status_unknown,
                                       no_such_container, target_is_init_container, target_is_ephemeral};
  const std::set<reason> wrong_targets{pod_not_found, pod_replaced, no_such_container, target_is_init_container,
                                       target_is_ephemeral};
  const std::set<reason> gone{pod_not_found, pod_replaced, pod_terminating, pod_terminating_unready, no_pod_on_node};
  for (const reason why : all_reasons()) {
    EXPECT_EQ(is_about_container(why), of_containers.contains(why)) << name(why);
    EXPECT_EQ(is_wrong_target(why), wrong_targets.contains(why)) << name(why);
    EXPECT_EQ(is_gone(why), gone.contains(why)) << name(why);
  }
}

TEST(Reason, EveryMeaningIsAClauseOfOneLine) {
  for (const reason why : all_reasons()) {
    SCOPED_TRACE(name(why));
    ASSERT_FALSE(meaning(why).empty());
    EXPECT_NE(meaning(why).back(), '.');
    EXPECT_EQ(meaning(why).find('\n'), std::string_view::npos);
  }
}

TEST(Reason, WhatHidesTheTruthComesWithAdvice) {
  for (const reason why : all_reasons()) {
    if (verdict_of(why).state != state::unknown) continue;
    EXPECT_FALSE(advice(why).empty()) << name(why);
  }
}

TEST(Reason, WhatIsAsItShouldBeNeedsNoAdvice) {
  EXPECT_EQ(advice(reason::all_containers_ready), "");
  EXPECT_EQ(advice(reason::container_ready), "");
  EXPECT_EQ(advice(reason::draining), "");
}

TEST(Reason, AdviceNamesWhatTheOperatorMustTouch) {
  EXPECT_THAT(std::string(advice(reason::api_forbidden)), HasSubstr("`get` on `pods`"));
  EXPECT_THAT(std::string(advice(reason::api_forbidden)), HasSubstr("Role"));
  EXPECT_THAT(std::string(advice(reason::pod_not_found)), HasSubstr("TARGET_POD_OVERRIDE"));
  EXPECT_THAT(std::string(advice(reason::api_unauthorized)), HasSubstr("token"));
  EXPECT_THAT(std::string(advice(reason::api_untrusted)), HasSubstr("CA bundle"));
  EXPECT_THAT(std::string(advice(reason::no_such_container)), HasSubstr("TARGET_CONTAINER"));
}

TEST(MeaningAndAdvice, IsOneClauseForTheLog) {
  EXPECT_EQ(meaning_and_advice(reason::all_containers_ready), meaning(reason::all_containers_ready));
  EXPECT_EQ(meaning_and_advice(reason::api_forbidden),
            std::string{meaning(reason::api_forbidden)} + "; " + std::string{advice(reason::api_forbidden)});
}

TEST(NeedsOperator, WhatNoFurtherAttemptChanges) {
  const std::set<reason> lasting{reason::api_untrusted, reason::api_unauthorized, reason::api_forbidden};
  for (const reason why : all_reasons()) EXPECT_EQ(needs_operator(why), lasting.contains(why)) << name(why);
}

}  // namespace
}  // namespace sidecar::health
