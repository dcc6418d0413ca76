#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sidecar::health {

/// `healthy` is answered with 200; the other two with UNHEALTHY_STATUS or DRAIN_STATUS.
enum class state : std::uint8_t { healthy, unhealthy, unknown };

/// The reason of a verdict: a closed vocabulary, CamelCase on the wire and in logs, as Kubernetes writes reasons.
/// No name contains "ok" in any case: load balancers match substrings of an unhealthy answer.
enum class reason : std::uint8_t {
  all_containers_ready,
  container_ready,
  pod_ready,
  node_known,  ///< node mode, of the agent itself: it knows the workloads of its node
  state_override_healthy,
  state_override_unhealthy,
  draining,          ///< the target was ready before the drain
  draining_unready,  ///< the target was not ready, or its state is unknown
  pod_not_found,
  pod_replaced,
  pod_terminating,          ///< the target is still ready
  pod_terminating_unready,  ///< the target is not ready
  node_draining,            ///< the node is leaving; the target is still ready
  node_draining_unready,    ///< the same, and the target is not ready
  maintenance,              ///< an operator took the pod out by its label; the target is ready
  maintenance_unready,      ///< the same, and the target is not ready
  pod_failed,
  pod_succeeded,
  pod_restarting,  ///< every container is being restarted, while statuses still say ready
  node_lost,
  pod_not_ready,
  container_not_ready,
  container_status_unknown,
  no_such_container,
  target_is_init_container,
  target_is_ephemeral,
  no_pod_on_node,      ///< node mode: no pod of that workload is on this node
  workload_not_named,  ///< node mode: the path names no workload
  api_unreachable,     ///< name lookup, connect, reset, end of stream, or a local shortage (descriptors, threads)
  api_untrusted,       ///< the server's certificate did not verify; the token was not sent
  api_timeout,         ///< no complete response in time
  api_unauthorized,    ///< 401, also with a token read again
  api_forbidden,       ///< 403
  api_busy,            ///< 429, or within its Retry-After
  api_error,           ///< 5xx, or the ERROR event of a watch
  api_protocol,        ///< not a response about this pod
};
inline constexpr std::size_t reason_count = static_cast<std::size_t>(reason::api_protocol) + 1;

struct verdict {
  health::state state;
  health::reason reason;

  friend bool operator==(const verdict&, const verdict&) = default;
};

/// The verdict of a reason.
verdict verdict_of(reason why) noexcept;

/// The target is leaving and still ready: load balancers may let its sessions finish (DRAIN_STATUS).
bool is_drain(reason why) noexcept;

/// It is about one container, and not about its pod.
bool is_about_container(reason why) noexcept;

/// The target is not there, or is none that is ever ready: waiting does not help, an operator has to change something.
bool is_wrong_target(reason why) noexcept;

/// The pod is not there, or is being deleted.
bool is_gone(reason why) noexcept;

/// A failure that lasts until an operator changes something.
bool needs_operator(reason why) noexcept;

/// How near to ready a pod is. Of the pods of a workload the nearest counts.
enum class nearness : std::uint8_t {
  none,     ///< it lacks the container that a path names, or that one is never ready
  ended,    ///< its phase says so
  out,      ///< taken out, terminating or on a lost node, and not ready
  unready,  ///< not ready yet, or not at the moment
  drain,    ///< ready, and leaving
  ready,
};
nearness nearness_of(reason why) noexcept;

/// The HTTP statuses of answers that are not healthy.
struct unhealthy_statuses {
  unsigned down = 500;   ///< UNHEALTHY_STATUS
  unsigned drain = 500;  ///< DRAIN_STATUS
};

/// 200, or one of those.
unsigned status_of(const verdict& given, const unhealthy_statuses& statuses) noexcept;

/// Row 2 of the verdict table, for a STATE_OVERRIDE that is set: "true" in any case is healthy, every other text is
/// not.
verdict verdict_of_override(std::string_view text) noexcept;

/// The name on the wire, for example "ContainerNotReady".
std::string_view name(reason why) noexcept;

/// What the reason means, for a log line: a clause without a full stop.
std::string_view meaning(reason why) noexcept;

/// What an operator can do about it, as an imperative; empty if there is nothing to do.
std::string_view advice(reason why) noexcept;

/// Both, for a log line: "meaning; advice".
std::string meaning_and_advice(reason why);

/// What a load balancer gets.
struct answer {
  health::verdict verdict;
  std::optional<std::chrono::seconds> held{};  ///< the verdict is that of a snapshot older than the query: its age
  std::optional<unsigned> weight{};            ///< node mode: how many pods of the workload are ready

  friend bool operator==(const answer&, const answer&) = default;
};

}  // namespace sidecar::health
