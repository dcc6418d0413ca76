#include "support/nodes.hpp"

#include <algorithm>

namespace sidecar::test {
namespace {

using ordered = node::json;

ordered metadata_of(const node_spec& spec) {
  ordered metadata = {{"name", spec.name}, {"uid", spec.uid}, {"resourceVersion", "1"}};
  metadata["creationTimestamp"] = spec.created;
  metadata["labels"] = {{"beta.kubernetes.io/arch", "amd64"}, {"beta.kubernetes.io/os", "linux"},
                        {"kubernetes.io/arch", "amd64"},      {"kubernetes.io/hostname", spec.name},
                        {"kubernetes.io/os", "linux"},        {"topology.kubernetes.io/zone", "zone-1"}};
  metadata["annotations"] = {{"node.alpha.kubernetes.io/ttl", "0"},
                             {"volumes.kubernetes.io/controller-managed-attach-detach", "true"}};
  return metadata;
}

ordered condition(const char* type, const char* status, const char* reason, const char* message) {
  return {{"type", type},
          {"status", status},
          {"lastHeartbeatTime", "2026-11-29T03:18:21Z"},
          {"lastTransitionTime", "2026-11-29T03:17:51Z"},
          {"reason", reason},
          {"message", message}};
}

ordered status_of(const node_spec& spec) {
  const ordered room = {{"cpu", "4"}, {"ephemeral-storage", "61202244Ki"}, {"memory", "16374568Ki"}, {"pods", "110"}};
  ordered status = {{"capacity", room}, {"allocatable", room}};
  status["conditions"].push_back(
      condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"));
  status["conditions"].push_back(
      condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"));
  status["conditions"].push_back(condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"));
  status["addresses"].push_back(ordered{{"type", "InternalIP"}, {"address", "192.0.2.7"}});
  status["addresses"].push_back(ordered{{"type", "Hostname"}, {"address", spec.name}});
  status["daemonEndpoints"]["kubeletEndpoint"]["Port"] = 10250;
  status["nodeInfo"] = {{"machineID", "ec2f9d7e1d5d4b0c9f6d2a0a4a6b5c11"},
                        {"systemUUID", "ec2f9d7e-1d5d-4b0c-9f6d-2a0a4a6b5c11"},
                        {"bootID", "7a1f3a5c-3c56-4b35-8c37-5d1f3d1f8e10"},
                        {"kernelVersion", "6.1.0-28-amd64"},
                        {"osImage", "Debian GNU/Linux 12 (bookworm)"},
                        {"containerRuntimeVersion", "containerd://2.1.4"},
                        {"kubeletVersion", "v1.36.2"},
                        {"kubeProxyVersion", ""},
                        {"operatingSystem", "linux"},
                        {"architecture", "amd64"}};
  status["images"].push_back(ordered{{"names", {"example/game:1"}}, {"sizeBytes", 81920000}});
  return status;
}

}  // namespace

node::node(const node_spec& spec)
    : document_{{"kind", "Node"},
                {"apiVersion", "v1"},
                {"metadata", metadata_of(spec)},
                {"spec", {{"podCIDR", "10.0.0.0/24"}, {"podCIDRs", {"10.0.0.0/24"}}}},
                {"status", status_of(spec)}} {}

node& node::set_label(std::string_view key, std::string_view value) {
  set_label_of(document_, key, value);
  return *this;
}

node& node::remove_label(std::string_view key) {
  remove_label_of(document_, key);
  return *this;
}

node& node::set_taint(std::string_view key, std::string_view value, std::string_view effect) {
  json taint = {{"key", key}};
  if (!value.empty()) taint["value"] = value;
  taint["effect"] = effect;
  json& taints = document_["spec"]["taints"];
  const auto same = [&](const json& known) { return known.at("key") == key && known.at("effect") == effect; };
  const auto found = std::find_if(taints.begin(), taints.end(), same);
  if (found == taints.end()) {
    taints.push_back(std::move(taint));
  } else {
    *found = std::move(taint);
  }
  return *this;
}

node& node::remove_taint(std::string_view key) {
  json& spec = document_["spec"];
  json left = json::array();
  for (const json& taint : spec.value("taints", json::array())) {
    if (taint.at("key") != key) left.push_back(taint);
  }
  spec.erase("taints");
  if (!left.empty()) spec["taints"] = std::move(left);
  return *this;
}

node& node::cordon() {
  insert_before(document_["spec"], "unschedulable", true, {"taints"});
  return set_taint(cordon_taint);
}

node& node::uncordon() {
  document_["spec"].erase("unschedulable");
  return remove_taint(cordon_taint);
}

node& node::terminate(std::string_view when) {
  // Without one of them the object would be gone at once.
  insert_before(document_["metadata"], "finalizers", json::array({"example.com/volumes"}), {"managedFields"});
  set_deleted(document_, when, 0);
  return *this;
}

node& node::set_uid(std::string_view uid) {
  document_["metadata"]["uid"] = uid;
  return *this;
}

}  // namespace sidecar::test
