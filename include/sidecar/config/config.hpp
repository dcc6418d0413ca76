#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sidecar/base/log.hpp"
#include "sidecar/base/text_list.hpp"

namespace sidecar::config {

enum class run_mode { sidecar, node };
enum class source_mode { live, watch };
enum class requirement { containers, pod };

/// All keys of ours on Kubernetes objects begin with `health-sidecar/`.
inline constexpr std::string_view default_maintenance_label = "health-sidecar/maintenance";
/// Node mode: the label whose value names a pod's workload.
inline constexpr std::string_view workload_label = "health-sidecar/name";
/// Of nodes that the cluster autoscaler and Karpenter take away (NODE_DRAIN_TAINTS).
inline constexpr std::string_view default_drain_taints = "ToBeDeletedByClusterAutoscaler,karpenter.sh/disrupted";

/// Where to listen. `address` is an IPv4 or IPv6 literal without brackets.
struct listen_address {
  std::string address = "::";
  std::uint16_t port = 3000;
  bool defaulted = true;  ///< no address was given, so the listener may fall back from [::] to 0.0.0.0
};

/// The API server. Without TLS only on a loopback address (`kubectl proxy`), and then the token is not sent.
struct api_url {
  bool tls = true;
  std::string host;  ///< an IP literal without brackets, or a DNS name, which may end in a dot
  std::uint16_t port = 443;
};

/// "https://[fd00::1]:6443".
std::string to_string(const api_url& url);

/// The host as in a URL and the Host field: IPv6 literals in brackets.
std::string bracketed(const std::string& host);

/// "[fd00::1]:6443".
std::string host_and_port(const std::string& host, std::uint16_t port);

/// The Host field of a request: without the final dot, and without the scheme's default port (RFC 9110, 7.2).
std::string host_field(std::string_view host, std::uint16_t port, bool tls);

/// The name as certificates, SNI (RFC 6066, 3) and virtual hosts have it: the final dot is for resolvers only.
std::string_view without_final_dot(std::string_view host) noexcept;

/// The validated configuration. Durations are non-negative.
struct config {
  run_mode mode = run_mode::sidecar;
  std::string node_name;                       ///< of node mode, where it is always set
  std::vector<std::string> target_containers;  ///< empty: every container
  /// What must be ready: the target's containers, or the pod by its own Ready condition.
  requirement require = requirement::containers;
  std::string target_pod_override;  ///< empty: the pod the token is bound to, else HOSTNAME
  std::string target_namespace;     ///< empty: the service account's; in node mode every namespace
  std::string state_override;       ///< empty: none; not trimmed
  listen_address listen;
  unsigned unhealthy_status = 500;
  unsigned drain_status = 500;                               ///< for a target that is leaving and still ready
  std::string maintenance_label{default_maintenance_label};  ///< empty: no label takes the pod out
  std::optional<bool> node_drain;                            ///< empty: as the mode has it
  /// The keys of taints on a node that is leaving.
  std::vector<std::string> node_drain_taints = split_list(default_drain_taints);
  std::optional<listen_address> agent_listen;  ///< empty: no agent port
  /// Where metrics and the status page are served; never `defaulted`. Empty: nowhere.
  std::optional<listen_address> status_listen;
  bool status_page = true;                ///< also "/" and "/status", which show the pod and the clients
  std::vector<std::string> status_hosts;  ///< DNS names in lower case, without the final dot, for the Host field
  std::string tls_cert;                   ///< absolute paths; without a certificate the health port has no TLS
  std::string tls_key;                    ///< set only if tls_cert is; empty: the key is in that file
  std::string tls_client_ca;              ///< empty: clients need no certificate
  source_mode source = source_mode::live;
  std::chrono::milliseconds stale_grace{30'000};
  std::chrono::milliseconds answer_timeout{900};
  std::chrono::milliseconds api_timeout{2'500};
  double api_qps = 10;  ///< calls a second at most; 0: unlimited
  std::chrono::milliseconds drain{8'000};
  std::optional<api_url> api_server;  ///< always set unless state_override is
  std::string service_account_dir = "/var/run/secrets/kubernetes.io/serviceaccount";
  log::level log_level = log::level::info;
  log::format log_format = log::format::text;
  /// Every option's name and the value given, else the default's text, in the order of the table. None is a secret.
  std::vector<std::pair<std::string, std::string>> in_force;
  std::string hostname;        ///< the environment's HOSTNAME, unchecked
  std::string container_name;  ///< the environment's CONTAINER_NAME, unchecked: our own in the pod

  /// Answers come from LIST and WATCH, as long as these are possible.
  bool watches() const noexcept { return mode == run_mode::node || source == source_mode::watch; }
  /// NODE_DRAIN is in force: by default in node mode, whose agent has a ClusterRole anyway.
  bool uses_node_drain() const noexcept { return node_drain.value_or(mode == run_mode::node); }
};

}  // namespace sidecar::config
