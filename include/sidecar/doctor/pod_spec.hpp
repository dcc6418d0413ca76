#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sidecar/base/errc.hpp"
#include "sidecar/base/json.hpp"
#include "sidecar/health/pod.hpp"

/// PURE. What a pod's author wrote, as far as errors in it concern the sidecar.
namespace sidecar::doctor {

struct container_port {
  std::int64_t number = 0;
  std::string name{};
  bool is_tcp = true;
  std::int64_t host_port = 0;  ///< 0: none
};

/// A kubelet probe by HTTP, or by the command `probe`. `kind` is the field's name: "readinessProbe".
struct http_probe {
  static constexpr std::int64_t own_port = -1;  ///< the sidecar's, whatever LISTEN says

  std::string_view kind;
  std::string path;
  std::int64_t port = 0;  ///< 0: a name that the container has no port for
};

struct container_spec {
  std::string name;
  health::container::kind type = health::container::kind::regular;
  std::string image{};
  std::vector<std::string> words{};                              ///< command, then args
  std::vector<std::pair<std::string, std::string>> variables{};  ///< env; a value from elsewhere is empty
  std::vector<container_port> ports{};
  std::vector<http_probe> probes{};
  bool has_readiness_probe = false;
  std::vector<std::string> mounts{};            ///< mountPath
  std::optional<std::uint64_t> memory_limit{};  ///< bytes
};

struct pod_spec {
  std::vector<container_spec> containers;  ///< init containers first, in document order; no ephemeral ones
  std::vector<std::string> ephemeral_names{};
  std::int64_t grace_seconds = 30;  ///< terminationGracePeriodSeconds
  bool host_network = false;
  std::string hostname{};  ///< set: HOSTNAME is that, not the pod's name
};

/// `pod`: a v1.Pod, or a v1.PodList, of which the first counts. Unknown and malformed fields count as absent.
pod_spec read_pod_spec(const json::value& pod);

/// The tree of a pod or of a list of pods, without what may be large. Errors: as json::read_tree.
result<json::value> read_pod_tree(std::string_view json);

/// A quantity of memory in bytes, rounded down: "32Mi", "33554432", "1.5G", "1e7", "128974848000m". Empty for another
/// text (apimachinery pkg/api/resource/quantity.go).
std::optional<std::uint64_t> parse_memory(std::string_view text);

/// The sidecar's own container: the one of the `wanted` name (CONTAINER_NAME); else the only one whose image, command
/// or environment is the sidecar's; else the only one with the TCP port. Null: unknown.
const container_spec* find_own_container(const pod_spec& pod, std::string_view wanted, std::uint16_t port);

/// The container's spec has that port, for TCP.
bool declares_tcp(const container_spec& one, std::uint16_t port);

}  // namespace sidecar::doctor
