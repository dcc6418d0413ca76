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
    {"ContainerCrashed", [](pod& of) { of.crash("game"); }, "", "500 ContainerNotReady"},
    {"NoStatuses", [](pod& of) { of.document()["status"].erase("containerStatuses"); }, "",
     "500 ContainerStatusUnknown"},
    {"OneStatusMissing", [](pod& of) { of.remove_status("game"); }, "", "500 ContainerStatusUnknown"},
    {"Terminating", [](pod& of) { of.terminate(); }, "", "500 PodTerminating"},
    {"TerminatingWithItsNode", [](pod& of) { of.set_condition("DisruptionTarget", "True", "TerminationByKubelet"); },
     "", "500 PodTerminating"},
    {"OtherUid", [](pod& of) { of.set_uid("11111111-2222-3333-4444-555555555555"); }, "", "500 PodReplaced"},
    {"Failed", [](pod& of) { of.set_phase("Failed"); }, "", "500 PodFailed"},
    {"Succeeded", [](pod& of) { of.set_phase("Succeeded"); }, "", "500 PodSucceeded"},
    {"NodeLost", lose_node, "", "500 NodeLost"},
    {"NativeSidecarUnready",
     [](pod& of) {
       add_other_containers(of);
       of.set_ready("proxy", false);
     },
     "", "500 ContainerNotReady"},
    {"OnlyTheTargetCounts", [](pod& of) { of.set_ready("health", false); }, "game", "200 OK"},
    {"TargetUnready", [](pod& of) { of.set_ready("game", false); }, "game", "500 ContainerNotReady"},
    {"TargetWithoutStatus", [](pod& of) { of.remove_status("game"); }, "game", "500 ContainerStatusUnknown"},
    {"TargetInOtherCase", nothing, "GAME", "200 OK"},
    {"TargetMissing", nothing, "lobby", "500 NoSuchContainer"},
    {"TargetIsANativeSidecar", add_other_containers, "proxy", "200 OK"},
    {"TargetIsAnInitContainer", add_other_containers, "setup", "500 TargetIsInitContainer"},
    {"TargetIsEphemeral", add_other_containers, "debugger", "500 TargetIsEphemeral"},
    {"BothTargetsReady", add_other_containers, "game,Proxy", "200 OK"},
    {"SecondTargetUnready", [](pod& of) { of.set_ready("health", false); }, "game,health", "500 ContainerNotReady"},
    {"SecondTargetMissing", [](pod& of) { of.set_ready("game", false); }, "game,lobby", "500 NoSuchContainer"},
    {"TargetsOfATerminatingPod", [](pod& of) { of.terminate(); }, "game,health", "500 PodTerminating"},
};

INSTANTIATE_TEST_SUITE_P(Of, PodVerdict, testing::ValuesIn(pods), name_of<pod_row>);

class PodCondition : public cluster_fixture, public testing::WithParamInterface<pod_row> {};

TEST_P(PodCondition, DecidesWhenThePodIsRequired) {
  change_pod(GetParam().change);
  EXPECT_EQ(start({{"REQUIRE", "pod"}})->ask(), GetParam().answer);
}

const pod_row conditions[] = {
    {"Ready", add_conditions, "", "200 OK"},
    {"NoConditionsYet", nothing, "", "500 PodNotReady"},
    {"OpenGate",
     [](pod& of) {
       add_gate(of);
       add_conditions(of);
     },
     "", "200 OK"},
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

TEST_F(PathsOfContainers, AMisspeltNameIsInTheLogWhenItIsTheFirstThatIsAskedFor) {
  const auto sidecar = start();
  EXPECT_EQ(sidecar->ask("GET /healthz/gmae"), "500 NoSuchContainer");
  EXPECT_NE(sidecar->logged("answering 500 for container gmae"), "");
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

struct fault_row {
  std::string name;
  fault trouble;
  std::string answer;
  friend void PrintTo(const fault_row& row, std::ostream* out) { *out << row.answer; }
};

class ApiFailure : public cluster_fixture, public testing::WithParamInterface<fault_row> {};

TEST_P(ApiFailure, IsUnknownAndTheNextGoodAnswerCounts) {
  // Long enough for a busy machine where the time is not what is tested.
  const bool is_about_time = GetParam().answer == "500 ApiTimeout";
  const auto sidecar = start({{"API_TIMEOUT", is_about_time ? "400ms" : "20s"}});
  api.inject(GetParam().trouble);
  EXPECT_EQ(sidecar->ask(), GetParam().answer);
  api.clear_faults();
  // After a timeout a client has only 100 ms.
  for (int i = 0; i < 50 && sidecar->ask() == "500 ApiTimeout"; ++i) continue;
  EXPECT_EQ(sidecar->ask(), "200 OK");
}

fault status(int code) {
  return reply_with([code] { return make_status(code, "Reason", "some message"); });
}

std::string plain(const std::string& status_line, const std::string& body = {}, const std::string& fields = {}) {
  return "HTTP/1.1 " + status_line + "\r\n" + fields + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

const fault_row failures[] = {
    {"Refused", refuse(), "500 ApiUnreachable"},
    {"SilentBeforeTheHandshake", silence_at(phase::connect), "500 ApiTimeout"},
    {"SilentInTheHandshake", silence_at(phase::handshake), "500 ApiTimeout"},
    {"SilentAfterTheRequest", silence_at(phase::request), "500 ApiTimeout"},
    {"SilentInTheBody", silence_at(phase::body), "500 ApiTimeout"},
    {"ResetInTheHandshake", reset_at(phase::handshake), "500 ApiUnreachable"},
    {"ResetAfterTheRequest", reset_at(phase::request), "500 ApiUnreachable"},
    {"ResetInTheHead", reset_at(phase::headers), "500 ApiUnreachable"},
    {"ResetInTheBody", reset_at(phase::body), "500 ApiUnreachable"},
    {"ClosedInTheBody", close_at(phase::body), "500 ApiUnreachable"},
    {"Dripping", drip(1, 50ms), "500 ApiTimeout"},
    {"Status400", status(400), "500 ApiProtocol"},
    {"Status404OfAProxy", raw_answer(plain("404 Not Found", "<html>")), "500 ApiProtocol"},
    {"Status204", raw_answer("HTTP/1.1 204 No Content\r\n\r\n"), "500 ApiProtocol"},
    {"Status429", too_many_requests("0"), "500 ApiBusy"},
    {"Status500", status(500), "500 ApiError"},
    {"Status503OfAProxy", raw_answer(plain("503 Service Unavailable")), "500 ApiError"},
    {"Redirect", raw_answer(plain("301 Moved", "", "Location: https://127.0.0.1/\r\n")), "500 ApiProtocol"},
    {"NotHttp", raw_answer("SSH-2.0-OpenSSH_9.2p1\r\n", afterwards::close), "500 ApiProtocol"},
    {"NotJson", raw_answer(plain("200 OK", "hello")), "500 ApiProtocol"},
    {"PodList", raw_answer(plain("200 OK", R"({"kind":"PodList","apiVersion":"v1","items":[]})")), "500 ApiProtocol"},
    {"Compressed", raw_answer(plain("200 OK", "x", "Content-Encoding: gzip\r\n")), "500 ApiProtocol"},
};

INSTANTIATE_TEST_SUITE_P(At, ApiFailure, testing::ValuesIn(failures), name_of<fault_row>);

class Verdict : public cluster_fixture {};

TEST_F(Verdict, DeletedPodIsNotFoundAtOnce) {
  const auto sidecar = start();
  EXPECT_EQ(sidecar->ask(), "200 OK");
  api.delete_pod();
  EXPECT_EQ(sidecar->ask(), "500 PodNotFound");
}

TEST_F(Verdict, ReplacedPodIsNotOurs) {
  const auto sidecar = start();
  EXPECT_EQ(sidecar->ask(), "200 OK");
  api.put_pod(pod{}.set_uid("11111111-2222-3333-4444-555555555555"));
  EXPECT_EQ(sidecar->ask(), "500 PodReplaced");
}

TEST_F(Verdict, AnotherPodMayHaveAnyUid) {
  pod_spec other;
  other.name = "game-1";
  other.uid = "11111111-2222-3333-4444-555555555555";
  api.put_pod(pod{other});
  const auto sidecar = start({{"TARGET_POD_OVERRIDE", "game-1"}});
  EXPECT_EQ(sidecar->ask(), "200 OK");
  EXPECT_EQ(api.requests().at(0).target, "/api/v1/namespaces/demo/pods/game-1");
}

TEST_F(Verdict, OtherPodOfTheAnswerIsNotBelieved) {
  pod_spec other;
  other.name = "game-1";
  api.put_document("demo", "game-0", pod{other}.text());
  EXPECT_EQ(start()->ask(), "500 ApiProtocol");
}

TEST_F(Verdict, MissingRoleIsForbiddenUntilItIsGranted) {
  api.deny();
  const auto sidecar = start();
  EXPECT_EQ(sidecar->ask(), "500 ApiForbidden");
  api.allow();
  EXPECT_EQ(sidecar->ask(), "200 OK");
}

TEST_F(Verdict, RevokedTokenIsUnauthorizedAfterOneCall) {
  const auto sidecar = start();
  EXPECT_EQ(sidecar->ask(), "200 OK");
  api.revoke_token(token);
  EXPECT_EQ(sidecar->ask(), "200 OK held");
  EXPECT_EQ(api.counts().requests, 2U) << "the same token was tried again";
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
