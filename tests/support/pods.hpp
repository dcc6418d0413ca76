#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/documents.hpp"

namespace sidecar::test {

struct port_spec {
  int number = 0;
  std::string protocol = "TCP";
};

struct container_spec {
  std::string name;
  std::string image;  ///< empty: example/<name>:1
  std::vector<port_spec> ports = {};
  bool native_sidecar = false;  ///< for init containers: restartPolicy Always
};

/// What a user would have applied, as far as it matters here.
struct pod_spec {
  std::string name = "game-0";
  std::string name_space = "demo";
  std::string uid = "37747e0d-0418-4795-89f9-d14d09915292";
  std::string created = "2026-11-22T05:43:11Z";
  std::string status_written = "2026-11-22T05:43:12Z";
  std::vector<std::pair<std::string, std::string>> labels = {};
  std::vector<std::string> finalizers = {};
  std::vector<container_spec> init_containers = {};
  std::vector<container_spec> containers = {{"game", ""}, {"health", ""}};
  std::vector<std::string> readiness_gates = {};
  std::string restart_policy = "Always";
  std::string node_name = "node-a";  ///< empty: not scheduled
  std::string pod_ip = {};
};

/// The label that has a node's health checks answer for the pod.
inline constexpr const char* workload_label = "health-sidecar/name";

/// A pod of that workload, ready, with one container `app` and a uid of its own.
pod_spec workload_pod(const std::string& name_space, const std::string& name, const std::string& workload,
                      const std::string& node = "node-a");

/// A pod document, key for key in the order and with the ballast (managedFields, last-applied-configuration) of the
/// real server. A new one with a node is running, its containers ready, its plain init containers finished; one
/// without a node is pending and has no statuses. Every change keeps the document as a real server would write it.
class pod {
 public:
  using json = document_json;

  explicit pod(const pod_spec& spec = {});
  /// Any other document, e.g. one from a recording.
  explicit pod(json document) : document_(std::move(document)) {}  // braces would make an array of it

  /// Compact, with the line end that the real server sends.
  std::string text() const { return document_text(document_); }
  json& document() noexcept { return document_; }
  const json& document() const noexcept { return document_; }
  std::string name() const { return document_.at("metadata").at("name").get<std::string>(); }
  std::string name_space() const { return document_.at("metadata").at("namespace").get<std::string>(); }

  /// The readiness probe's outcome; the container runs on.
  pod& set_ready(std::string_view container, bool ready);
  /// CrashLoopBackOff after its third failure.
  pod& crash(std::string_view container);
  /// Exit code 0, not ready.
  pod& finish(std::string_view container);
  /// As before the kubelet has seen the container.
  pod& remove_status(std::string_view container);
  pod& set_phase(std::string_view phase);
  /// Adds the condition, or changes the one of that type. An empty reason leaves the field out.
  pod& set_condition(std::string_view type, std::string_view status, std::string_view reason = {});
  /// The pod has been deleted and has its grace period to end.
  pod& terminate(std::string_view when = "2026-11-22T05:44:01Z", int grace_seconds = 30);
  pod& set_label(std::string_view key, std::string_view value);
  pod& remove_label(std::string_view key);
  /// As another pod of that name on another node has it: nothing moves a pod in a cluster.
  pod& set_node(std::string_view node);
  pod& set_uid(std::string_view uid);
  /// As the node controller leaves the pod of a node that has gone silent: its statuses say ready for ever.
  pod& lose_node();
  /// An init container `setup` that has finished, a native sidecar `proxy` that is ready, and an ephemeral container
  /// `debugger` that is not, which is what ephemeral containers are.
  pod& add_other_containers();
  /// To every container of spec.containers.
  pod& add_readiness_probes();
  pod& set_resource_version(std::uint64_t version);

 private:
  json& status_of(std::string_view container);

  json document_;
};

}  // namespace sidecar::test
