#include "support/pods.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "recording.hpp"

namespace sidecar::test {
namespace {

pod_spec game_spec() {
  pod_spec spec;
  spec.labels = {{"app", "game"}};
  spec.containers = {{"game", "", {{27015, "UDP"}}}, {"health", "", {{3000, "TCP"}}}};
  spec.pod_ip = "10.0.0.7";
  return spec;
}

pod_spec small_spec(const std::string& name, const std::string& uid) {
  pod_spec spec;
  spec.name = name;
  spec.uid = uid;
  spec.created = spec.status_written = "2026-11-22T05:43:30Z";
  spec.containers = {{"game", ""}};
  return spec;
}

TEST(Pod, IsTheRecordedOne) {
  const auto changed = [](pod_spec spec, const std::function<void(pod_spec&)>& change) {
    change(spec);
    return pod{spec};
  };
  const struct {
    const char* recording;
    unsigned version;
    pod built;
  } rows[] = {
      {"pod-ready", 213, pod{game_spec()}},
      {"pod-one-container-not-ready", 217,
       changed(game_spec(), [](pod_spec& of) { of.status_written = "2026-11-22T05:43:26Z"; }).crash("game")},
      {"pod-native-sidecar", 224,
       changed(small_spec("native-0", "6516921a-48b7-48dc-8a6c-f66f79dfd743"),
               [](pod_spec& of) {
                 of.init_containers = {{"migrate", ""}, {"health", "", {}, true}};
               })},
      {"pod-terminating", 228,
       changed(small_spec("leaving-0", "0280c702-3799-47a0-903d-0aeea7b2d6cf"),
               [](pod_spec& of) { of.finalizers = {"example.com/hold"}; })
           .terminate()},
      {"pod-succeeded", 226,
       changed(small_spec("done-0", "3c309661-d713-419d-bdeb-04e6bf87f819"),
               [](pod_spec& of) {
                 of.status_written = "2026-11-22T05:43:31Z";
                 of.restart_policy = "Never";
               })
           .finish("game")
           .set_phase("Succeeded")},
      {"pod-pending-no-statuses", 219,
       changed(small_spec("pending-0", "3574ade4-71c9-43c0-b186-f646ea5a4684"),
               [](pod_spec& of) { of.node_name.clear(); })},
  };
  for (auto row : rows)
    EXPECT_EQ(row.built.set_resource_version(row.version).text(), load_recording(row.recording).body);
}

TEST(Pod, ReadinessGateIsTheRecordedOneButForItsOwners) {
  pod_spec spec = small_spec("gated-0", "35a9eb86-7b86-42a8-a2e6-629f5e589815");
  spec.readiness_gates = {"example.com/lb-attached"};
  pod built{spec};
  built.set_resource_version(227)
      .set_condition("ContainersReady", "True")
      .set_condition("Ready", "False", "ReadinessGatesNotReady");
  auto recorded = pod::json::parse(load_recording("pod-readiness-gate-not-ready").body);
  // managedFields says who wrote the conditions, which the builder does not follow.
  built.document()["metadata"]["managedFields"].erase(1);
  recorded["metadata"]["managedFields"].erase(1);
  EXPECT_EQ(built.document().dump(), recorded.dump());
}

}  // namespace
}  // namespace sidecar::test
