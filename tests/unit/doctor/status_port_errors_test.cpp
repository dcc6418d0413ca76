#include "sidecar/doctor/status_port_errors.hpp"

#include <gmock/gmock.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sidecar::doctor {
namespace {

using kind = health::container::kind;
using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

/// The container `game`, and the sidecar `health` in a form with that kind.
pod_spec two_containers(kind sidecar = kind::native_sidecar) {
  return {.containers = {{.name = "health", .type = sidecar}, {.name = "game", .type = kind::regular}}};
}

config::config with_status_port(const std::string& address = "::") {
  config::config settings;
  settings.status_listen = config::listen_address{address, 3002, false};
  return settings;
}

findings errors_of(const pod_spec& pod, const config::config& settings) {
  findings found;
  find_status_port_errors(pod, settings, found);
  return found;
}

struct probe_row {
  std::string_view probe;
  std::size_t container;  ///< 0: the sidecar, 1: game
  std::vector<std::string> targets;
  config::requirement require;
  level severity;
  std::string_view consequence;
};

TEST(StatusPortErrors, AProbeOfReadyzIsJudgedByWhatItDecides) {
  constexpr auto containers = config::requirement::containers;
  constexpr auto pod = config::requirement::pod;
  const probe_row rows[] = {
      {"readinessProbe", 1, {"game"}, containers, level::fail, "would wait for the sidecar itself"},
      {"readinessProbe", 1, {"GAME"}, containers, level::fail, "would wait for the sidecar itself"},
      {"readinessProbe", 1, {}, containers, level::fail, "would wait for the sidecar itself"},
      {"readinessProbe", 1, {}, pod, level::fail, "would wait for the sidecar itself"},
      {"readinessProbe", 1, {"metrics"}, containers, level::warn, "gets no traffic of its Services"},
      {"readinessProbe", 0, {}, containers, level::fail, "would wait for the sidecar itself"},
      {"readinessProbe", 0, {"health"}, containers, level::fail, "would wait for the sidecar itself"},
      {"readinessProbe", 0, {}, pod, level::fail, "would wait for the sidecar itself"},
      {"readinessProbe", 0, {"game"}, containers, level::warn, "gets no traffic of its Services"},
      {"startupProbe", 0, {"game"}, containers, level::warn, "what starts after it does not start"},
      {"startupProbe", 1, {}, containers, level::warn, "what starts after it does not start"},
      {"livenessProbe", 0, {"game"}, containers, level::warn, "restarts the container"},
      {"livenessProbe", 1, {}, pod, level::warn, "restarts the container"},
  };
  for (const auto& row : rows) {
    for (const auto form : {kind::native_sidecar, kind::regular}) {
      auto spec = two_containers(form);
      auto& container = spec.containers[row.container];
      container.probes = {{row.probe, "/readyz", 3002}};
      auto settings = with_status_port();
      settings.target_containers = row.targets;
      settings.require = row.require;
      const auto found = errors_of(spec, settings);
      const std::string fact = "the " + std::string{row.probe} + " of container " + container.name + " queries /readyz";
      ASSERT_EQ(found.size(), 1U) << fact;
      EXPECT_EQ(found[0].level, row.severity) << fact << testing::PrintToString(row.targets);
      EXPECT_THAT(found[0].what, AllOf(HasSubstr(fact), HasSubstr(row.consequence)));
      EXPECT_FALSE(found[0].hint.empty());
    }
  }
}

TEST(StatusPortErrors, OnlyReadyzOfTheStatusPortIsMeant) {
  const struct {
    std::string_view path;
    std::int64_t port;
    bool is_error;
  } rows[] = {{"/readyz", 3002, true},
              {"/readyz?verbose", 3002, true},
              {"/readyz", 3000, false},
              {"/readyz", 0, false},
              {"/readyz", http_probe::own_port, false},
              {"/livez", 3002, false},
              {"/readyz/", 3002, false},
              {"/metrics", 3002, false}};
  for (const auto& row : rows) {
    auto spec = two_containers();
    spec.containers[1].probes = {{"readinessProbe", std::string{row.path}, row.port}};
    EXPECT_EQ(errors_of(spec, with_status_port()).size(), row.is_error ? 1U : 0U) << row.path << ' ' << row.port;
    EXPECT_THAT(errors_of(spec, config::config{}), IsEmpty()) << "no status port";
  }
}

TEST(StatusPortErrors, ThePortIsWarnedOfWhereTheNodesClientsReachIt) {
  const struct {
    std::string address;
    bool host_network;
    std::int64_t host_port;
    std::string_view warning;  ///< empty: none
  } rows[] = {
      {"::", false, 0, ""},
      {"::", true, 0, "STATUS_LISTEN opens [::]:3002 on the node"},
      {"10.0.0.1", true, 0, "STATUS_LISTEN opens 10.0.0.1:3002 on the node"},
      {"127.0.0.1", true, 0, ""},
      {"::1", true, 0, ""},
      {"::", false, 13002, "container health opens the status port on the node, by hostPort 13002"},
      {"0.0.0.0", true, 3002, "STATUS_LISTEN opens 0.0.0.0:3002 on the node"},
      {"127.0.0.1", false, 13002, ""},
  };
  for (const auto& row : rows) {
    auto spec = two_containers();
    spec.host_network = row.host_network;
    spec.containers[0].ports = {{.number = 3000, .host_port = 13000},
                                {.number = 3002, .is_tcp = false, .host_port = 13003},
                                {.number = 3002, .name = "status", .host_port = row.host_port}};
    const auto found = errors_of(spec, with_status_port(row.address));
    if (row.warning.empty()) {
      EXPECT_THAT(found, IsEmpty()) << row.address;
      continue;
    }
    EXPECT_THAT(found,
                ElementsAre(AllOf(Field(&finding::level, level::warn), Field(&finding::what, HasSubstr(row.warning)),
                                  Field(&finding::what, HasSubstr("can read the pod's state")))))
        << row.address;
    EXPECT_THAT(errors_of(spec, config::config{}), IsEmpty());
  }
}

}  // namespace
}  // namespace sidecar::doctor
