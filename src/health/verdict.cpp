#include "sidecar/health/verdict.hpp"

#include <array>

#include "sidecar/base/ascii.hpp"

namespace sidecar::health {
namespace {

// What a row may say besides; verdict.hpp has a function for each.
enum trait : unsigned { about_container = 1, wrong_target = 2, gone = 4, lasting = 8 };

struct entry {
  reason why;
  state result;
  std::string_view name;
  std::string_view meaning;
  std::string_view advice;
  nearness near = nearness::none;
  unsigned traits = 0;
};

// In the order of the enumeration. The names are an interface: load balancers, dashboards and alerts match them.
constexpr std::array<entry, reason_count> vocabulary{{
    {reason::all_containers_ready, state::healthy, "AllContainersReady", "every container of the pod is ready", "",
     nearness::ready},
    {reason::container_ready, state::healthy, "ContainerReady", "every target container is ready", "", nearness::ready,
     about_container},
    {reason::pod_ready, state::healthy, "PodReady", "the pod is ready: its containers and its readiness gates", "",
     nearness::ready},
    {reason::node_known, state::healthy, "NodeKnown", "the workloads of this node are known", "", nearness::ready},
    {reason::state_override_healthy, state::healthy, "StateOverride",
     "STATE_OVERRIDE forces healthy, and the pod's state is ignored",
     "unset STATE_OVERRIDE to answer from the pod's state again", nearness::ready},
    {reason::state_override_unhealthy, state::unhealthy, "StateOverride",
     "STATE_OVERRIDE forces unhealthy, and the pod's state is ignored",
     "unset STATE_OVERRIDE to answer from the pod's state again"},
    {reason::draining, state::unhealthy, "Draining",
     "the sidecar received SIGTERM and answers not healthy until load balancers have noticed", "", nearness::drain},
    {reason::draining_unready, state::unhealthy, "Draining",
     "the sidecar received SIGTERM, and its target is not ready or its state is unknown", ""},
    {reason::pod_not_found, state::unhealthy, "PodNotFound", "the API server says that there is no such pod",
     "nothing to do if the pod was just deleted; otherwise check where its name comes from (TARGET_POD_OVERRIDE, the "
     "token's claim or HOSTNAME) and its namespace (TARGET_NAMESPACE)",
     nearness::none, wrong_target | gone},
    {reason::pod_replaced, state::unhealthy, "PodReplaced",
     "a newer pod of the same name has replaced the sidecar's own pod",
     "nothing to do if this pod is being replaced; otherwise find out why it outlives its deletion", nearness::none,
     wrong_target | gone},
    {reason::pod_terminating, state::unhealthy, "PodTerminating", "the pod is being deleted or shut down with its node",
     "nothing to do in a rollout or a node drain; otherwise the pod's events or the API server's audit log say who did "
     "it",
     nearness::drain, gone},
    {reason::pod_terminating_unready, state::unhealthy, "PodTerminating",
     "the pod is being deleted or shut down with its node, and the target is not ready any more",
     "nothing to do if it has stopped as it should; otherwise see its state and events in `kubectl describe pod`",
     nearness::out, gone},
    {reason::node_draining, state::unhealthy, "NodeDraining",
     "the node is leaving (taint, label or deletion), and the target is still ready",
     "nothing to do while the node is taken out; to put it back, remove the taint or the label (NODE_DRAIN_TAINTS)",
     nearness::drain},
    {reason::node_draining_unready, state::unhealthy, "NodeDraining",
     "the node is leaving (taint, label or deletion), and the target is not ready",
     "nothing to do while the node is taken out; before you put it back, see the pod's state and events with `kubectl "
     "describe pod`"},
    {reason::maintenance, state::unhealthy, "Maintenance",
     "the pod's maintenance label takes it out, and the target is ready",
     "nothing to do during maintenance; to put the pod back, remove the label (MAINTENANCE_LABEL) with `kubectl "
     "label`",
     nearness::drain},
    {reason::maintenance_unready, state::unhealthy, "Maintenance",
     "the pod's maintenance label takes it out, and the target is not ready",
     "nothing to do during maintenance; before you remove the label (MAINTENANCE_LABEL), see the pod's state and "
     "events in `kubectl describe pod`",
     nearness::out},
    {reason::pod_failed, state::unhealthy, "PodFailed", "the pod's phase is Failed",
     "see status.reason and the last container states in `kubectl describe pod`", nearness::ended},
    {reason::pod_succeeded, state::unhealthy, "PodSucceeded", "the pod's phase is Succeeded: every container has ended",
     "set the pod's restartPolicy to Always if its containers are meant to go on", nearness::ended},
    {reason::pod_restarting, state::unhealthy, "PodRestarting",
     "all containers of the pod are being restarted, whatever their statuses still say",
     "wait for the pod to start again; its events in `kubectl describe pod` say which restart rule applied",
     nearness::unready},
    {reason::node_lost, state::unhealthy, "NodeLost",
     "the node stopped reporting, and the container statuses are older than that",
     "check the node with `kubectl describe node`: its kubelet, its network, its power", nearness::out},
    {reason::pod_not_ready, state::unhealthy, "PodNotReady", "the pod's Ready condition is not True",
     "see the pod's conditions, readiness gates and events in `kubectl describe pod`", nearness::unready},
    {reason::container_not_ready, state::unhealthy, "ContainerNotReady", "a target container is not ready",
     "see its readiness probe, state and events in `kubectl describe pod`", nearness::unready, about_container},
    {reason::container_status_unknown, state::unhealthy, "ContainerStatusUnknown",
     "a target container has no status yet",
     "wait for the pod to start; if it does not, see its events in `kubectl describe pod`", nearness::unready,
     about_container},
    {reason::no_such_container, state::unhealthy, "NoSuchContainer",
     "the pod has no container of a name in TARGET_CONTAINER or in the path",
     "use names of the pod's spec.containers in TARGET_CONTAINER and in the load balancer's path", nearness::none,
     about_container | wrong_target},
    {reason::target_is_init_container, state::unhealthy, "TargetIsInitContainer",
     "TARGET_CONTAINER or the path names an init container, which ends before the pod serves anything",
     "name a container in TARGET_CONTAINER and in the path, or an init container with restartPolicy Always",
     nearness::none, about_container | wrong_target},
    {reason::target_is_ephemeral, state::unhealthy, "TargetIsEphemeral",
     "TARGET_CONTAINER or the path names an ephemeral container, which is never ready",
     "use names of the pod's spec.containers in TARGET_CONTAINER and in the load balancer's path", nearness::none,
     about_container | wrong_target},
    {reason::no_pod_on_node, state::unhealthy, "NoPodOnNode", "no pod of that workload is on this node",
     "nothing to do if none should be; otherwise check the path's namespace and name, and that the pods have the label "
     "health-sidecar/name with that value",
     nearness::none, gone},
    {reason::workload_not_named, state::unhealthy, "WorkloadNotNamed",
     "the path names no workload, and one agent answers for many",
     "use /healthz/NAMESPACE/WORKLOAD in the load balancer's path, with WORKLOAD as in the pods' label "
     "health-sidecar/name"},
    {reason::api_unreachable, state::unknown, "ApiUnreachable",
     "the API server cannot be reached: name lookup or connection failed or broke, or this process lacked a thread, a "
     "descriptor or memory for it",
     "check what the detail says, API_SERVER or KUBERNETES_SERVICE_HOST, network policies that stop egress to it, and "
     "the control plane"},
    {reason::api_untrusted, state::unknown, "ApiUntrusted",
     "the API server's certificate does not verify, so the token was not sent",
     "check that ca.crt in SERVICE_ACCOUNT_DIR is the cluster's CA bundle and that the certificate is valid for the "
     "address in use",
     nearness::none, lasting},
    {reason::api_timeout, state::unknown, "ApiTimeout", "the API server sent no complete response in time",
     "check network policies that drop egress to it, then the load of the control plane; API_TIMEOUT bounds a call"},
    {reason::api_unauthorized, state::unknown, "ApiUnauthorized", "the API server does not accept the token (401)",
     "check that the token in SERVICE_ACCOUNT_DIR is current and of this cluster, and that its pod and service account "
     "still exist",
     nearness::none, lasting},
    {reason::api_forbidden, state::unknown, "ApiForbidden",
     "the token may not read the pod, or in node mode the pods of the node (403)",
     "grant the pod's service account a Role with `get` on `pods` in the pod's namespace by a RoleBinding, or correct "
     "TARGET_NAMESPACE; in node mode `list` and `watch` too (deploy/node)",
     nearness::none, lasting},
    {reason::api_busy, state::unknown, "ApiBusy", "the API server throttles requests (429)",
     "check the control plane's load and its priority and fairness rules; lower API_QPS if this sidecar is the cause"},
    {reason::api_error, state::unknown, "ApiError", "the API server reports a failure of its own (5xx)",
     "check the control plane: API server, etcd, and proxies in between"},
    {reason::api_protocol, state::unknown, "ApiProtocol",
     "the response is not one that an API server sends about what was requested, or is beyond a limit",
     "check that API_SERVER is a Kubernetes API server and that no proxy in between alters or redirects its responses"},
}};

constexpr bool is_sound() {
  for (std::size_t i = 0; i < vocabulary.size(); ++i) {
    const auto& one = vocabulary[i];
    if (static_cast<std::size_t>(one.why) != i) return false;
    if ((one.result == state::healthy) != (one.near == nearness::ready)) return false;
  }
  return true;
}
static_assert(is_sound(), "a row stands in another order, or what is healthy is not ready");

const entry& entry_of(reason why) noexcept { return vocabulary[static_cast<std::size_t>(why)]; }

bool has(reason why, trait wanted) noexcept { return (entry_of(why).traits & wanted) != 0; }

}  // namespace

verdict verdict_of(reason why) noexcept { return {entry_of(why).result, why}; }

nearness nearness_of(reason why) noexcept { return entry_of(why).near; }

bool is_drain(reason why) noexcept { return nearness_of(why) == nearness::drain; }

bool is_about_container(reason why) noexcept { return has(why, about_container); }

bool is_wrong_target(reason why) noexcept { return has(why, wrong_target); }

bool is_gone(reason why) noexcept { return has(why, gone); }

bool needs_operator(reason why) noexcept { return has(why, lasting); }

unsigned status_of(const verdict& given, const unhealthy_statuses& statuses) noexcept {
  if (given.state == state::healthy) return 200;
  return is_drain(given.reason) ? statuses.drain : statuses.down;
}

verdict verdict_of_override(std::string_view text) noexcept {
  return verdict_of(equal_ignoring_case(text, "true") ? reason::state_override_healthy
                                                      : reason::state_override_unhealthy);
}

std::string_view name(reason why) noexcept { return entry_of(why).name; }

std::string_view meaning(reason why) noexcept { return entry_of(why).meaning; }

std::string_view advice(reason why) noexcept { return entry_of(why).advice; }

std::string meaning_and_advice(reason why) {
  std::string text{meaning(why)};
  if (const auto what_to_do = advice(why); !what_to_do.empty()) text.append("; ").append(what_to_do);
  return text;
}

}  // namespace sidecar::health
