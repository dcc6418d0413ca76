#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sidecar::health {

/// Three-valued inside; on the wire `healthy` is 200 and the other two are not.
enum class state : std::uint8_t { healthy, unhealthy, unknown };

/// Why a verdict is what it is: a closed vocabulary, CamelCase on the wire and in logs, as Kubernetes writes reasons.
/// No name contains "ok" in any case: load balancers match substrings of an unhealthy answer.
enum class reason : std::uint8_t {
  all_containers_ready,
  container_ready,
  pod_ready,
  state_override_healthy,
  state_override_unhealthy,
  draining,          ///< and the target was ready before
  draining_unready,  ///< and it was not, or nobody knows
  pod_not_found,
  pod_replaced,
  pod_terminating,          ///< and the target is ready still
  pod_terminating_unready,  ///< and it is not
  pod_failed,
  pod_succeeded,
  pod_restarting,  ///< every container is about to be killed, while its status says ready
  node_lost,
  pod_not_ready,
  container_not_ready,
  container_status_unknown,
  no_such_container,
  target_is_init_container,
  target_is_ephemeral,
  api_unreachable,   ///< name lookup, connect, reset, end of stream, or what this process lacked for them
  api_untrusted,     ///< the server's certificate did not verify; the token was not sent
  api_timeout,       ///< no complete answer in time
  api_unauthorized,  ///< 401, also after the token was read again
  api_forbidden,     ///< 403
  api_busy,          ///< 429, or a Retry-After still running
  api_error,         ///< 5xx, or the ERROR event of a watch: an API server's own word
  api_protocol,      ///< an answer that cannot be one about this pod
};
inline constexpr std::size_t reason_count = static_cast<std::size_t>(reason::api_protocol) + 1;

struct verdict {
  health::state state;
  health::reason reason;

  friend bool operator==(const verdict&, const verdict&) = default;
};

/// The one verdict a reason stands for.
verdict verdict_of(reason why) noexcept;

/// A leaving target that still serves what it has: load balancers may let sessions finish (DRAIN_STATUS).
bool is_drain(reason why) noexcept;

/// The name on the wire, for example "ContainerNotReady".
std::string_view name(reason why) noexcept;

/// What the reason means, for a log line: a clause without a full stop.
std::string_view meaning(reason why) noexcept;

/// What an operator can do about it, as an imperative; empty where nothing is to be done.
std::string_view advice(reason why) noexcept;

/// What a questioner gets. `held` is set when the verdict rests on a truth older than the question: that truth's age.
struct answer {
  health::verdict verdict;
  std::optional<std::chrono::seconds> held{};

  friend bool operator==(const answer&, const answer&) = default;
};

}  // namespace sidecar::health
