#include <chrono>
#include <functional>
#include <ostream>
#include <string>

#include "daemon.hpp"

/// What the pod's document, or the API server's refusal to show it, comes to at the health port.
namespace sidecar::test {
namespace {

using namespace std::chrono_literals;

struct pod_row {
  std::string name;
  std::function<void(pod&)> change;
  std::string container;
  std::string answer;
  friend void PrintTo(const pod_row& row, std::ostream* out) { *out << row.answer; }
};

template <class Row>
std::string name_of(const testing::TestParamInfo<Row>& tested) {
  return tested.param.name;
}

pod::json status_of(const std::string& container, bool ready) {
  return {{"name", container}, {"ready", ready}, {"restartCount", 0}, {"state", {{"running", pod::json::object()}}}};
}

/// A pod with an init container that has finished, a native sidecar that runs, and an ephemeral container.
void add_other_containers(pod& of) {
  auto& document = of.document();
  document["spec"]["initContainers"] = {{{"name", "setup"}}, {{"name", "proxy"}, {"restartPolicy", "Always"}}};
  document["status"]["initContainerStatuses"] = {status_of("setup", true), status_of("proxy", true)};
  document["spec"]["ephemeralContainers"] = {{{"name", "debugger"}}};
  document["status"]["ephemeralContainerStatuses"] = {status_of("debugger", false)};
}

void nothing(pod&) {}

/// As the kubelet writes a ready pod's.
void add_conditions(pod& of) { of.set_condition("ContainersReady", "True").set_condition("Ready", "True"); }

/// As the node controller leaves a pod whose node has gone silent: the statuses say ready for ever.
void lose_node(pod& of) {
  add_conditions(of);
  of.set_condition("Ready", "False");
}

void add_gate(pod& of) { of.document()["spec"]["readinessGates"] = {{{"conditionType", "example.com/lb-attached"}}}; }

class PodVerdict : public watch_fixture, public testing::WithParamInterface<pod_row> {};

TEST_P(PodVerdict, IsWhatTheDocumentSays) {
  change_pod(GetParam().change);
  variables options;
  if (!GetParam().container.empty()) options.emplace("TARGET_CONTAINER", GetParam().container);
  const auto sidecar = start(options);
  EXPECT_EQ(sidecar->ask(), GetParam().answer);
}

TEST_P(PodVerdict, IsWhatTheEventSays) {
  variables options;
  if (!GetParam().container.empty()) options.emplace("TARGET_CONTAINER", GetParam().container);
  const daemon sidecar{watching(options)};
  ASSERT_TRUE(api.wait_for_watches(1));
  change_pod(GetParam().change);
  EXPECT_EQ(sidecar.ask_until(GetParam().answer), GetParam().answer);
  EXPECT_EQ(api.counts().requests, 2U);
}

const pod_row pods[] = {
    {"Ready", nothing, "", "200 OK"},
    {"ContainerUnready", [](pod& of) { of.set_ready("game", false); }, "", "500 ContainerNotReady"},
    {"Terminating", [](pod& of) { of.terminate(); }, "", "500 PodTerminating"},
    {"Maintenance", [](pod& of) { set_label(of, "health-sidecar/maintenance", "true"); }, "", "500 Maintenance"},
    {"LabelOfAnotherValue", [](pod& of) { set_label(of, "health-sidecar/maintenance", "True"); }, "", "200 OK"},
    {"OtherUid", [](pod& of) { of.set_uid("11111111-2222-3333-4444-555555555555"); }, "", "500 PodReplaced"},
    {"Failed", [](pod& of) { of.set_phase("Failed"); }, "", "500 PodFailed"},
    {"NodeLost", lose_node, "", "500 NodeLost"},
    {"NativeSidecarUnready",
     [](pod& of) {
       add_other_containers(of);
       of.set_ready("proxy", false);
     },
     "", "500 ContainerNotReady"},
    {"OnlyTheTargetCounts", [](pod& of) { of.set_ready("health", false); }, "game", "200 OK"},
    {"TargetMissing", nothing, "lobby", "500 NoSuchContainer"},
    {"TargetIsAnInitContainer", add_other_containers, "setup", "500 TargetIsInitContainer"},
    {"SecondTargetUnready", [](pod& of) { of.set_ready("health", false); }, "game,health", "500 ContainerNotReady"},
};

INSTANTIATE_TEST_SUITE_P(Of, PodVerdict, testing::ValuesIn(pods), name_of<pod_row>);

class PodCondition : public cluster_fixture, public testing::WithParamInterface<pod_row> {};

TEST_P(PodCondition, DecidesWhenThePodIsRequired) {
  change_pod(GetParam().change);
  EXPECT_EQ(start({{"REQUIRE", "pod"}})->ask(), GetParam().answer);
}

const pod_row conditions[] = {
    {"Ready", add_conditions, "", "200 OK"},
    {"ClosedGate",
     [](pod& of) {
       add_gate(of);
       add_conditions(of);
       of.set_condition("Ready", "False", "ReadinessGatesNotReady");
     },
     "", "500 PodNotReady"},
    {"NodeLost", lose_node, "", "500 NodeLost"},
    {"NodeLostWithAGate",
     [](pod& of) {
       add_gate(of);
       lose_node(of);
     },
     "", "500 NodeLost"},
};

INSTANTIATE_TEST_SUITE_P(Of, PodCondition, testing::ValuesIn(conditions), name_of<pod_row>);

class PathsOfContainers : public cluster_fixture {};

TEST_F(PathsOfContainers, AnswerForThatContainerWhateverTheTarget) {
  const auto sidecar = start({{"TARGET_CONTAINER", "health"}});
  change_pod([](pod& of) { of.set_ready("game", false); });
  EXPECT_EQ(sidecar->ask("GET /healthz"), "200 OK");
  EXPECT_EQ(sidecar->ask("GET /healthz/health"), "200 OK");
  EXPECT_EQ(sidecar->ask("GET /healthz/game"), "500 ContainerNotReady");
  EXPECT_EQ(sidecar->ask("GET /healthz/GAME"), "500 ContainerNotReady");
  EXPECT_EQ(sidecar->ask("GET /healthz/lobby"), "500 NoSuchContainer");
}

TEST_F(PathsOfContainers, ShareOneCallWithEveryOtherPath) {
  const auto sidecar = start();
  change_pod([](pod& of) { of.set_ready("game", false); });
  api.hold_answers();
  auto first = sidecar->begin("GET /healthz/game");
  ASSERT_TRUE(api.wait_until_held(1));
  auto game = sidecar->begin("GET /healthz/game");
  auto health = sidecar->begin("GET /healthz/health");
  auto all = sidecar->begin("GET /healthz");
  sidecar->catch_up();
  api.stop_holding();
  EXPECT_EQ(first.answer(), "500 ContainerNotReady");
  EXPECT_EQ(game.answer(), "500 ContainerNotReady");
  EXPECT_EQ(health.answer(), "200 OK");
  EXPECT_EQ(all.answer(), "500 ContainerNotReady");
  EXPECT_EQ(api.counts().requests, 2U);
}

class Drain : public cluster_fixture {};

TEST_F(Drain, OfALeavingPodIsOneWhileWhatIsAskedForIsReady) {
  const auto sidecar = start({{"DRAIN_STATUS", "404"}});
  change_pod([](pod& of) { of.terminate(); });
  EXPECT_EQ(sidecar->ask(), "404 PodTerminating");
  change_pod([](pod& of) { of.crash("game"); });
  EXPECT_EQ(sidecar->ask(), "500 PodTerminating");
  EXPECT_EQ(sidecar->ask("GET /healthz/game"), "500 PodTerminating");
  EXPECT_EQ(sidecar->ask("GET /healthz/health"), "404 PodTerminating");
}

TEST_F(Drain, ByTheMaintenanceLabelIsOneWhileTheTargetIsReady) {
  const auto sidecar = start({{"DRAIN_STATUS", "404"}});
  change_pod([](pod& of) { set_label(of, "health-sidecar/maintenance", "true"); });
  EXPECT_EQ(sidecar->ask(), "404 Maintenance");
  change_pod([](pod& of) { of.crash("game"); });
  EXPECT_EQ(sidecar->ask(), "500 Maintenance");
  EXPECT_EQ(sidecar->ask("GET /healthz/health"), "404 Maintenance");
  change_pod([](pod& of) { set_label(of, "health-sidecar/maintenance", "false"); });
  EXPECT_EQ(sidecar->ask(), "500 ContainerNotReady");
  change_pod([](pod& of) { of.set_ready("game", true); });
  EXPECT_EQ(sidecar->ask(), "200 OK");
  EXPECT_EQ(sidecar->ask(), "200 OK");
  EXPECT_EQ(sidecar->stop_and_read("maintenance label has another value").size(), 1U);
}

TEST_F(Drain, ByALabelOfAnotherKeyOrByNone) {
  change_pod([](pod& of) { set_label(of, "example.com/out", "true"); });
  EXPECT_EQ(start()->ask(), "200 OK");
  EXPECT_EQ(start({{"MAINTENANCE_LABEL", "example.com/out"}})->ask(), "500 Maintenance");
  change_pod([](pod& of) { set_label(of, "health-sidecar/maintenance", "true"); });
  EXPECT_EQ(start({{"MAINTENANCE_LABEL", "none"}})->ask(), "200 OK");
}

TEST_F(Drain, ByTheMaintenanceLabelIsHeldWhenTheApiServerIsAway) {
  const auto sidecar = start();
  change_pod([](pod& of) { set_label(of, "health-sidecar/maintenance", "true"); });
  EXPECT_EQ(sidecar->ask(), "500 Maintenance");
  api.stop();
  EXPECT_EQ(sidecar->ask(), "500 Maintenance held");
}

class Verdict : public cluster_fixture {};

TEST_F(Verdict, AnotherPodMayHaveAnyUid) {
  pod_spec other;
  other.name = "game-1";
  other.uid = "11111111-2222-3333-4444-555555555555";
  api.put_pod(pod{other});
  const auto sidecar = start({{"TARGET_POD_OVERRIDE", "game-1"}});
  EXPECT_EQ(sidecar->ask(), "200 OK");
  EXPECT_EQ(api.requests().at(0).target, "/api/v1/namespaces/demo/pods/game-1");
}

TEST(Override, NeedsNoClusterAtAll) {
  const daemon healthy{named({{"LISTEN", "127.0.0.1:0"}, {"STATE_OVERRIDE", "True"}})};
  EXPECT_EQ(healthy.ask(), "200 OK");
  const daemon unhealthy{named({{"LISTEN", "127.0.0.1:0"}, {"STATE_OVERRIDE", "maintenance"}})};
  EXPECT_EQ(unhealthy.ask(), "500 StateOverride");
}

class OverrideInACluster : public cluster_fixture {};

TEST_F(OverrideInACluster, AsksNobody) {
  const auto sidecar = start({{"STATE_OVERRIDE", "false"}});
  EXPECT_EQ(sidecar->ask(), "500 StateOverride");
  EXPECT_EQ(api.counts().accepted, 0U);
}

}  // namespace
}  // namespace sidecar::test
