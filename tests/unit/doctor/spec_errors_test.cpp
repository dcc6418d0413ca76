#include "sidecar/doctor/spec_errors.hpp"

#include <gmock/gmock.h>

#include "unit/doctor/examined_world.hpp"

namespace sidecar::doctor {
namespace {

using testing::HasSubstr;
using json = test::pod::json;

config::config sidecar_settings() {
  config::config settings;
  settings.target_containers = {"game"};
  settings.api_server = config::api_url{true, "10.96.0.1", 443};
  return settings;
}

json& spec_of(test::pod& pod) { return pod.document()["spec"]; }
json& game_of(test::pod& pod) { return spec_of(pod)["containers"][0]; }
json& sidecar_of(test::pod& pod) { return spec_of(pod)["initContainers"][0]; }

struct planted_spec {
  std::string name;
  std::function<void(test::pod&, config::config&)> plant;
  std::string what;  ///< empty: no mistake
};

TEST(FindSpecErrors, EachAlone) {
  const std::vector<planted_spec> table{
      {"sound", [](auto&, auto&) {}, ""},
      {"no readiness probe", [](auto& pod, auto&) { game_of(pod).erase("readinessProbe"); },
       "container game has no readinessProbe"},
      {"another container's is not asked for",
       [](auto& pod, auto&) {
         spec_of(pod)["containers"].push_back({{"name", "metrics"}});
       },
       ""},
      {"without TARGET_CONTAINER all count, but not the sidecar itself",
       [](auto& pod, auto& settings) {
         settings.target_containers.clear();
         spec_of(pod)["containers"].push_back({{"name", "metrics"}});
       },
       "container metrics has no readinessProbe"},
      {"names in any case",
       [](auto& pod, auto& settings) {
         settings.target_containers = {"GAME"};
         game_of(pod).erase("readinessProbe");
       },
       "container game has no readinessProbe"},
      {"a kubelet probe of another container",
       [](auto& pod, auto&) {
         game_of(pod)["readinessProbe"] = {{"httpGet", {{"path", "/healthz/game"}, {"port", 3000}}}};
       },
       "the readinessProbe of container game queries /healthz/game"},
      {"a probe of the root",
       [](auto& pod, auto&) {
         sidecar_of(pod)["livenessProbe"] = {{"httpGet", {{"port", 3000}}}};
       },
       "the livenessProbe of container health queries /"},
      {"the same path of another port",
       [](auto& pod, auto&) {
         game_of(pod)["livenessProbe"] = {{"httpGet", {{"path", "/healthz"}, {"port", 8080}}}};
       },
       ""},
      {"an unknown path", [](auto& pod, auto&) { sidecar_of(pod)["livenessProbe"]["httpGet"]["path"] = "/else"; }, ""},
      {"DRAIN as long as the grace period", [](auto&, auto& settings) { settings.drain = std::chrono::seconds{30}; },
       "DRAIN is 30s, and terminationGracePeriodSeconds is 30"},
      {"DRAIN a little shorter", [](auto&, auto& settings) { settings.drain = std::chrono::milliseconds{29'999}; }, ""},
      {"no DRAIN and no grace period",
       [](auto& pod, auto& settings) {
         settings.drain = std::chrono::milliseconds::zero();
         spec_of(pod)["terminationGracePeriodSeconds"] = 0;
       },
       ""},
      {"an init container after the sidecar",
       [](auto& pod, auto&) {
         spec_of(pod)["initContainers"].push_back({{"name", "setup"}});
       },
       "not the last init container: setup follows"},
      {"an init container before it",
       [](auto& pod, auto&) {
         auto& list = spec_of(pod)["initContainers"];
         list.insert(list.begin(), {{"name", "setup"}});
       },
       ""},
      {"an init container that never ends", [](auto& pod, auto&) { sidecar_of(pod).erase("restartPolicy"); },
       "health is an init container without restartPolicy Always"},
      {"no token",
       [](auto& pod, auto&) {
         sidecar_of(pod)["volumeMounts"] = {{{"name", "x"}, {"mountPath", "/var/run/x"}}};
       },
       "nothing mounted at /var/run/secrets/kubernetes.io/serviceaccount"},
      {"no token, and none needed",
       [](auto& pod, auto& settings) {
         sidecar_of(pod).erase("volumeMounts");
         settings.api_server->tls = false;
       },
       ""},
      {"a token by subPath",
       [](auto& pod, auto&) {
         sidecar_of(pod)["volumeMounts"] = {
             {{"name", "x"}, {"mountPath", "/var/run/secrets/kubernetes.io/serviceaccount/token"}}};
       },
       ""},
      {"an exec probe of a health path",
       [](auto& pod, auto&) {
         sidecar_of(pod)["livenessProbe"] = {{"exec", {{"command", {"/http-healthcheck-sidecar", "probe"}}}}};
       },
       "the livenessProbe of container health queries /healthz"},
      {"an exec probe of /livez",
       [](auto& pod, auto&) {
         sidecar_of(pod)["livenessProbe"] = {{"exec", {{"command", {"/http-healthcheck-sidecar", "probe", "/livez"}}}}};
       },
       ""},
      {"a grace period for ever",
       [](auto& pod, auto& settings) {
         settings.drain = std::chrono::seconds{8};
         spec_of(pod)["terminationGracePeriodSeconds"] = std::numeric_limits<std::int64_t>::max();
       },
       ""},
      {"little memory", [](auto& pod, auto&) { sidecar_of(pod)["resources"]["limits"]["memory"] = "16777215"; },
       "the memory limit of container health is 16777215 bytes"},
      {"enough memory", [](auto& pod, auto&) { sidecar_of(pod)["resources"]["limits"]["memory"] = "16Mi"; }, ""},
      {"no limit", [](auto& pod, auto&) { sidecar_of(pod).erase("resources"); }, ""},
      {"the port of another container",
       [](auto& pod, auto&) {
         game_of(pod)["ports"] = {{{"containerPort", 3000}}};
       },
       "container game declares port 3000, which is LISTEN's"},
      {"the agent's port of another container",
       [](auto& pod, auto& settings) {
         settings.agent_listen = config::listen_address{.port = 3001};
         game_of(pod)["ports"] = {{{"containerPort", 3001}}};
       },
       "container game declares port 3001, which is AGENT_LISTEN's"},
      {"the status port of another container",
       [](auto& pod, auto& settings) {
         settings.status_listen = config::listen_address{"::", 3002, false};
         game_of(pod)["ports"] = {{{"containerPort", 3002}}};
       },
       "container game declares port 3002, which is STATUS_LISTEN's"},
      {"a probe of the status port",
       [](auto& pod, auto& settings) {
         settings.status_listen = config::listen_address{"::", 3002, false};
         sidecar_of(pod)["livenessProbe"]["httpGet"] = {{"path", "/readyz"}, {"port", 3002}};
       },
       "the livenessProbe of container health queries /readyz"},
      {"the port over UDP",
       [](auto& pod, auto&) {
         game_of(pod)["ports"] = {{{"containerPort", 3000}, {"protocol", "UDP"}}};
       },
       ""},
      {"a container that has ended before",
       [](auto& pod, auto&) {
         auto& list = spec_of(pod)["initContainers"];
         list.insert(list.begin(), {{"name", "setup"}, {"ports", {{{"containerPort", 3000}}}}});
       },
       ""},
  };
  for (const auto& row : table) {
    SCOPED_TRACE(row.name);
    auto pod = sound_pod();
    auto settings = sidecar_settings();
    row.plant(pod, settings);
    const auto found = find_spec_errors(pod.text(), settings);
    EXPECT_EQ(found.size(), row.what.empty() ? 0U : 1U) << render_text(found);
    if (row.what.empty() || found.empty()) continue;
    EXPECT_EQ(found[0].level, level::warn);
    EXPECT_THAT(found[0].what, HasSubstr(row.what));
    EXPECT_FALSE(found[0].hint.empty());
  }
}

TEST(FindSpecErrors, ThePortToUseInsteadIsFree) {
  auto pod = sound_pod();
  game_of(pod)["ports"] = {{{"containerPort", 3000}}, {{"containerPort", 3003}}};
  auto settings = sidecar_settings();
  settings.agent_listen = config::listen_address{.port = 3001};
  settings.status_listen = config::listen_address{"127.0.0.1", 3002, false};
  const auto hint = [&] { return find_spec_errors(pod.text(), settings).at(0).hint; };
  EXPECT_THAT(hint(), HasSubstr("set LISTEN to another port, such as :3004,"));
  game_of(pod)["ports"] = {{{"containerPort", 3002}}};
  EXPECT_THAT(hint(), HasSubstr("set STATUS_LISTEN to another port, such as 127.0.0.1:3003,"));
  settings.listen.port = 65'535;
  game_of(pod)["ports"] = {{{"containerPort", 65'535}}};
  EXPECT_THAT(hint(), HasSubstr("set LISTEN to another port, such as :3003,"));
}

TEST(FindSpecErrors, AnUnknownSidecarLeavesWhatConcernsTheTarget) {
  auto pod = sound_pod();
  game_of(pod).erase("readinessProbe");
  sidecar_of(pod)["resources"]["limits"]["memory"] = "1Mi";
  auto settings = sidecar_settings();
  settings.container_name = "absent";
  EXPECT_EQ(find_spec_errors(pod.text(), settings).size(), 1U);
  settings.target_containers.clear();
  EXPECT_THAT(find_spec_errors(pod.text(), settings).at(0).hint, HasSubstr("unless it is the sidecar itself"));
  settings.container_name = "health";
  EXPECT_EQ(find_spec_errors(pod.text(), settings).size(), 2U);
  EXPECT_EQ(find_spec_errors(pod.text(), settings).at(0).hint, "give container game a readinessProbe");
}

TEST(FindSpecErrors, WhatIsNoPodHasNone) {
  for (const auto* const text : {"", "{", "<html>", "{}", "null"}) {
    EXPECT_TRUE(find_spec_errors(text, sidecar_settings()).empty()) << text;
  }
  const std::string many = R"({"kind":"Pod","spec":{"containers":[)" + std::string(60'000, '[') + "]}}";
  EXPECT_TRUE(find_spec_errors(many, sidecar_settings()).empty());
}

}  // namespace
}  // namespace sidecar::doctor
