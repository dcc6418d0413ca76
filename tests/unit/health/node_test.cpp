#include "sidecar/health/node.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/recording.hpp"

namespace sidecar::health {
namespace {

const std::vector<std::string> counted{"ToBeDeletedByClusterAutoscaler", "karpenter.sh/disrupted"};

std::string cause_of(const std::string& metadata, const std::string& spec = {}) {
  const auto one =
      parse_node(R"({"kind":"Node","metadata":{"name":"node-a")" + metadata + R"(},"spec":{)" + spec + "}}");
  return one ? drain_cause(*one, counted) : one.error().message();
}

TEST(ParseNode, ReadsTheRecordedOne) {
  const auto one = parse_node(test::recorded_body("node-leaving"));
  ASSERT_TRUE(one);
  EXPECT_EQ(one->name, "node-a");
  EXPECT_EQ(one->resource_version, "214");
  EXPECT_TRUE(one->is_excluded);
  EXPECT_FALSE(one->deletion_requested);
  EXPECT_EQ(one->taints, (std::vector<std::string>{"ToBeDeletedByClusterAutoscaler", "node.kubernetes.io/not-ready"}));
}

TEST(ParseNode, RefusesWhatIsNoNode) {
  for (const auto* text : {"", "{}", "[]", "null", R"({"kind":"Node"})", R"({"kind":"Node","metadata":{"name":""}})",
                           R"({"kind":"Pod","metadata":{"name":"node-a"}})", R"({"kind":"Node","metadata":{"name":1}})",
                           R"({"kind":"Node","metadata":{"name":"node-a"})"}) {
    EXPECT_FALSE(parse_node(text)) << text;
  }
  const auto item = json::read_tree(R"({"metadata":{"name":"node-a"}})");
  EXPECT_TRUE(read_node(*item, kind_rule::optional)) << "an item of a list has no kind";
  EXPECT_FALSE(read_node(*item, kind_rule::required));
}

TEST(ParseNode, WhatCannotBeReadIsNoNodeThatStays) {
  const auto node = [](const std::string& metadata, const std::string& rest = {}) {
    return R"({"kind":"Node","metadata":{"name":"node-a")" + metadata + "}" + rest + "}";
  };
  EXPECT_TRUE(parse_node(node(R"(,"labels":null)", R"(,"spec":null)")));
  for (const auto& text : {
           node(R"(,"labels":[])"),
           node(R"(,"labels":"x")"),
           node(R"(,"deletionTimestamp":1)"),
           node(R"(,"deletionTimestamp":{})"),
           node({}, R"(,"spec":[])"),
           node({}, R"(,"spec":{"taints":{}})"),
           node({}, R"(,"spec":{"taints":["gone"]})"),
           node({}, R"(,"spec":{"taints":[null]})"),
           node({}, R"(,"spec":{"taints":[{"key":1}]})"),
           node({}, R"(,"spec":{"taints":[{"key":"a","key":"a"}]})"),
           node({}, R"(,"spec":{},"spec":{})"),
           node(R"(,"labels":{},"labels":{})"),
           node(R"(,"name":"node-b")"),
           node({}, R"(,"metadata":{"name":"node-a"})"),
       }) {
    EXPECT_FALSE(parse_node(text)) << text;
  }
}

TEST(DrainCause, IsATaintThatCountsADeletionOrThePresenceOfTheLabel) {
  const std::string label = "label node.kubernetes.io/exclude-from-external-load-balancers";
  const auto labelled = [](const std::string& value) {
    return R"(,"labels":{"node.kubernetes.io/exclude-from-external-load-balancers":)" + value + "}";
  };
  const struct {
    std::string metadata, spec, cause;
  } rows[] = {
      {"", "", ""},
      {"", R"("taints":[{"key":"ToBeDeletedByClusterAutoscaler","value":"1","effect":"NoSchedule"}])",
       "taint ToBeDeletedByClusterAutoscaler"},
      {"", R"("taints":[{"key":"a.example/x"},{"key":"karpenter.sh/disrupted","effect":"NoSchedule"}])",
       "taint karpenter.sh/disrupted"},
      {"", R"("taints":[{"key":"DeletionCandidateOfClusterAutoscaler","effect":"PreferNoSchedule"}])", ""},
      {"", R"("taints":[{"key":"tobedeletedbyclusterautoscaler"}])", ""},
      {labelled(R"("true")"), "", label},
      {labelled(R"("")"), "", label},
      {labelled(R"("false")"), "", label},
      {R"(,"annotations":{"node.kubernetes.io/exclude-from-external-load-balancers":"true"})", "", ""},
      {R"(,"labels":{"exclude-from-external-load-balancers":"true"})", "", ""},
      {R"(,"deletionTimestamp":"2026-11-29T03:17:51Z")", "", "its deletion was requested"},
      {R"(,"deletionTimestamp":null)", "", ""},
      // Cordon: kubernetes/kubernetes#65013.
      {"", R"("unschedulable":true,"taints":[{"key":"node.kubernetes.io/unschedulable","effect":"NoSchedule"}])", ""},
      {labelled(R"("true")"), R"("unschedulable":true)", label},
  };
  for (const auto& row : rows) EXPECT_EQ(cause_of(row.metadata, row.spec), row.cause) << row.metadata << row.spec;
  EXPECT_EQ(drain_cause(absent_node{}, counted), "it no longer exists");
  EXPECT_EQ(drain_cause(node{.name = "node-a", .taints = {counted[0]}}, {}), "") << "NODE_DRAIN_TAINTS=none";
}

}  // namespace
}  // namespace sidecar::health
