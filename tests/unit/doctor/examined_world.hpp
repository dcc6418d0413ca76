#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "sidecar/config/load.hpp"
#include "sidecar/doctor/examine.hpp"
#include "support/api_server.hpp"
#include "support/service_account_files.hpp"
#include "support/temp_dir.hpp"
#include "unit/net/run.hpp"

namespace sidecar::doctor {

/// The pod demo/game-0 as deploy/native-sidecar has it: `health` answers for `game`, and nothing is wrong.
inline test::pod sound_pod(const std::string& name = "game-0",
                           const std::string& uid = "37747e0d-0418-4795-89f9-d14d09915292") {
  test::pod pod{test::pod_spec{.name = name,
                               .uid = uid,
                               .init_containers = {{.name = "health",
                                                    .image = "registry.example.com/http-healthcheck-sidecar:1.0.0",
                                                    .ports = {{3000}},
                                                    .native_sidecar = true}},
                               .containers = {{.name = "game", .image = "", .ports = {{7777, "UDP"}}}}}};
  auto& spec = pod.document()["spec"];
  spec["containers"][0]["readinessProbe"]["exec"]["command"] = {"/game-query"};
  auto& health = spec["initContainers"][0];
  health["env"] = {{{"name", "HTTP_HEALTHCHECK_SIDECAR_TARGET_CONTAINER"}, {"value", "game"}}};
  health["livenessProbe"]["httpGet"] = {{"path", "/livez"}, {"port", 3000}};
  health["resources"]["limits"]["memory"] = "32Mi";
  health["volumeMounts"] = {{{"name", "token"}, {"mountPath", "/"}}};
  return pod;
}

/// An API server, a service account's directory, and the environment of the sidecar's container.
struct examined_world {
  examined_world() {
    server.put_pod(sound_pod());
    server.allow();
    variables["HOSTNAME"] = "game-0";
    variables["KUBERNETES_SERVICE_HOST"] = "10.96.0.1";  // as in a pod; API_SERVER counts
    variables["KUBERNETES_SERVICE_PORT"] = "443";
    variables["HTTP_HEALTHCHECK_SIDECAR_API_SERVER"] = "https://127.0.0.1:" + std::to_string(server.port());
    variables["HTTP_HEALTHCHECK_SIDECAR_SERVICE_ACCOUNT_DIR"] = files.path().string();
    variables["HTTP_HEALTHCHECK_SIDECAR_API_QPS"] = "0";
  }

  void change_pod(const std::function<void(test::pod&)>& change) { server.update_pod("demo", "game-0", change); }

  findings examine() {
    const auto loaded = config::load(variables, {});
    const auto* settings = std::get_if<config::config>(&loaded);
    EXPECT_NE(settings, nullptr);
    if (settings == nullptr) return {};
    const auto clock = [this] {
      return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) + clock_error;
    };
    last = test::run(context, doctor::examine(context.get_executor(), {*settings, variables, {}}, clock));
    return last.found;
  }

  test::api_server server;
  std::string token = server.add_token();
  test::temp_dir directory;
  test::service_account_files files{directory.path() / "sa", token, server.ca(), "demo"};
  config::environment variables;
  std::chrono::seconds clock_error{0};
  examination last;
  boost::asio::io_context context{1};
};

/// The first finding of that check which is not ok, or null.
inline const finding* trouble_in(const findings& found, std::string_view check) {
  const auto one =
      std::ranges::find_if(found, [check](const auto& each) { return each.check == check && each.level != level::ok; });
  return one == found.end() ? nullptr : &*one;
}

}  // namespace sidecar::doctor
