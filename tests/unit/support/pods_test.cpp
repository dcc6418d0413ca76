#include "support/pods.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

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

TEST(Pod, ReadyOneIsTheRecordedOne) {
  EXPECT_EQ(pod{game_spec()}.set_resource_version(213).text(), load_recording("pod-ready").body);
}

TEST(Pod, CrashedContainerIsTheRecordedOne) {
  pod_spec spec = game_spec();
  spec.status_written = "2026-11-22T05:43:26Z";
  EXPECT_EQ(pod{spec}.crash("game").set_resource_version(217).text(),
            load_recording("pod-one-container-not-ready").body);
}

TEST(Pod, NativeSidecarIsTheRecordedOne) {
  pod_spec spec = small_spec("native-0", "6516921a-48b7-48dc-8a6c-f66f79dfd743");
  spec.init_containers = {{"migrate", ""}, {"health", "", {}, true}};
  EXPECT_EQ(pod{spec}.set_resource_version(224).text(), load_recording("pod-native-sidecar").body);
}

TEST(Pod, TerminatingOneIsTheRecordedOne) {
  pod_spec spec = small_spec("leaving-0", "0280c702-3799-47a0-903d-0aeea7b2d6cf");
  spec.finalizers = {"example.com/hold"};
  EXPECT_EQ(pod{spec}.terminate().set_resource_version(228).text(), load_recording("pod-terminating").body);
}

TEST(Pod, SucceededOneIsTheRecordedOne) {
  pod_spec spec = small_spec("done-0", "3c309661-d713-419d-bdeb-04e6bf87f819");
  spec.status_written = "2026-11-22T05:43:31Z";
  spec.restart_policy = "Never";
  EXPECT_EQ(pod{spec}.finish("game").set_phase("Succeeded").set_resource_version(226).text(),
            load_recording("pod-succeeded").body);
}

TEST(Pod, PendingOneIsTheRecordedOne) {
  pod_spec spec = small_spec("pending-0", "3574ade4-71c9-43c0-b186-f646ea5a4684");
  spec.node_name.clear();
  EXPECT_EQ(pod{spec}.set_resource_version(219).text(), load_recording("pod-pending-no-statuses").body);
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
