#include <chrono>
#include <functional>
#include <ostream>
#include <string>

#include "daemon.hpp"

/// What the pod's document, or the API server's refusal to show it, comes to at the health port.
namespace sidecar::test {
namespace {

using namespace std::chrono_literals;

/// What happens to the pod that is watched. What every document comes to is unit/health/evaluate_test.cpp's and the
/// catalogue's.
struct pod_row {
  std::string name;
  std::function<void(pod&)> change;
  std::string container;
  std::string answer;
  friend void PrintTo(const pod_row& row, std::ostream* out) { *out << row.answer; }
};

void nothing(pod&) {}

class PodVerdict : public watch_fixture, public testing::WithParamInterface<pod_row> {};

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
    {"Maintenance", [](pod& of) { of.set_label("health-sidecar/maintenance", "true"); }, "", "500 Maintenance"},
    {"LabelOfAnotherValue", [](pod& of) { of.set_label("health-sidecar/maintenance", "True"); }, "", "200 OK"},
    {"OtherUid", [](pod& of) { of.set_uid("11111111-2222-3333-4444-555555555555"); }, "", "500 PodReplaced"},
    {"Failed", [](pod& of) { of.set_phase("Failed"); }, "", "500 PodFailed"},
    {"NodeLost", [](pod& of) { of.lose_node(); }, "", "500 NodeLost"},
    {"NativeSidecarUnready", [](pod& of) { of.add_other_containers().set_ready("proxy", false); }, "",
     "500 ContainerNotReady"},
    {"OnlyTheTargetCounts", [](pod& of) { of.set_ready("health", false); }, "game", "200 OK"},
    {"TargetMissing", nothing, "lobby", "500 NoSuchContainer"},
    {"TargetIsAnInitContainer", [](pod& of) { of.add_other_containers(); }, "setup", "500 TargetIsInitContainer"},
    {"SecondTargetUnready", [](pod& of) { of.set_ready("health", false); }, "game,health", "500 ContainerNotReady"},
};

INSTANTIATE_TEST_SUITE_P(Of, PodVerdict, testing::ValuesIn(pods), [](const auto& tested) { return tested.param.name; });

class PodDocument : public cluster_fixture {};

TEST_F(PodDocument, OfAClosedGateIsNotReadyWhereThePodIsRequired) {
  const auto sidecar = start({{"REQUIRE", "pod"}});
  change_pod([](pod& of) {
    of.document()["spec"]["readinessGates"] = {{{"conditionType", "example.com/lb-attached"}}};
    of.set_condition("ContainersReady", "True").set_condition("Ready", "True");
  });
  EXPECT_EQ(sidecar->ask(), "200 OK");
  change_pod([](pod& of) { of.set_condition("Ready", "False", "ReadinessGatesNotReady"); });
  EXPECT_EQ(sidecar->ask(), "500 PodNotReady");
}

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
  change_pod([](pod& of) { of.set_label("health-sidecar/maintenance", "true"); });
  EXPECT_EQ(sidecar->ask(), "404 Maintenance");
  change_pod([](pod& of) { of.crash("game"); });
  EXPECT_EQ(sidecar->ask(), "500 Maintenance");
  EXPECT_EQ(sidecar->ask("GET /healthz/health"), "404 Maintenance");
  change_pod([](pod& of) { of.set_label("health-sidecar/maintenance", "false"); });
  EXPECT_EQ(sidecar->ask(), "500 ContainerNotReady");
  change_pod([](pod& of) { of.set_ready("game", true); });
  EXPECT_EQ(sidecar->ask(), "200 OK");
  EXPECT_EQ(sidecar->ask(), "200 OK");
  EXPECT_EQ(sidecar->stop_and_read("maintenance label has another value").size(), 1U);
}

TEST_F(Drain, ByALabelOfAnotherKeyOrByNone) {
  change_pod([](pod& of) { of.set_label("example.com/out", "true"); });
  EXPECT_EQ(start()->ask(), "200 OK");
  EXPECT_EQ(start({{"MAINTENANCE_LABEL", "example.com/out"}})->ask(), "500 Maintenance");
  change_pod([](pod& of) { of.set_label("health-sidecar/maintenance", "true"); });
  EXPECT_EQ(start({{"MAINTENANCE_LABEL", "none"}})->ask(), "200 OK");
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
