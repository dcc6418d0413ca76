#include "sidecar/doctor/node_check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace sidecar::doctor {
namespace {

using health::reason;
using ::testing::HasSubstr;

/// "warn: node-a is leaving ..."; several with a blank and a bar between them.
std::string said(const node_access& facts, const std::string& cause = {}) {
  std::string text;
  for (const auto& one : check_node(facts, cause)) {
    if (!text.empty()) text += " | ";
    text += std::string{one.level == level::ok ? "ok" : one.level == level::warn ? "warn" : "fail"} + ": " + one.what;
  }
  return text;
}

TEST(CheckNode, SaysWhetherItIsLeaving) {
  node_access facts{.node = {"node-a"}, .found = health::node_state{health::node{.name = "node-a"}}};
  EXPECT_EQ(said(facts), "ok: node-a is not leaving");
  EXPECT_EQ(said(facts, "taint gone"), "warn: node-a is leaving (taint gone): answers are NodeDraining");
}

TEST(CheckNode, SaysWhatIsNotAllowedAndHowToGrantIt) {
  node_access facts{.node = {"node-a"},
                    .user = "system:serviceaccount:demo:game",
                    .found = kube::failure{reason::api_forbidden, "HTTP 403", {}}};
  EXPECT_EQ(said(facts),
            "warn: system:serviceaccount:demo:game may not get the node node-a: answers do not say that it is leaving");
  EXPECT_THAT(
      check_node(facts, {}).front().hint,
      "kubectl create clusterrole health-sidecar-node-drain-demo --verb=get,list,watch --resource=nodes && kubectl "
      "create clusterrolebinding health-sidecar-node-drain-demo --clusterrole=health-sidecar-node-drain-demo "
      "--serviceaccount=demo:game");
  facts.found = health::node_state{health::node{.name = "node-a"}};
  facts.list = true;
  facts.watch = false;
  EXPECT_EQ(said(facts), "ok: node-a is not leaving") << "a GET is enough for SOURCE=live";
  facts.watches = true;
  EXPECT_THAT(said(facts),
              HasSubstr("| warn: system:serviceaccount:demo:game may not list and watch nodes: the node is "
                        "read by a GET about every 9 seconds instead"));
  facts.watch = true;
  EXPECT_EQ(said(facts), "ok: node-a is not leaving");
}

TEST(CheckNode, ShowsAnyOtherFailure) {
  const node_access facts{.node = {"node-a"}, .found = kube::failure{reason::api_error, "HTTP 500", {}}};
  EXPECT_THAT(said(facts), HasSubstr("fail: ApiError"));
}

}  // namespace
}  // namespace sidecar::doctor
