#include "sidecar/health/evaluate.hpp"

#include <array>
#include <optional>
#include <string_view>

#include "sidecar/health/containers.hpp"

namespace sidecar::health {
namespace {

/// The kubelet writes Ready and ContainersReady together. With all containers ready it writes Ready=False only for a
/// readiness gate that is not true, with the reason ReadinessGatesNotReady (kubernetes pkg/kubelet/status/generate.go).
/// Otherwise the node controller wrote Ready=False, because the node stopped reporting: it changes the status alone and
/// keeps the reason (pkg/controller/util/node MarkPodsNotReady). The container statuses are then out of date.
bool is_node_lost(const pod& subject) {
  return subject.containers_ready_is_true && subject.ready_is_false &&
         subject.unready_reason != "ReadinessGatesNotReady";
}

reason judge_container(const pod& subject, std::string_view name) {
  const container* one = find_container(subject, name);
  if (one == nullptr) return reason::no_such_container;
  if (one->type == container::kind::init) return reason::target_is_init_container;
  if (one->type == container::kind::ephemeral) return reason::target_is_ephemeral;
  const std::optional<bool> ready = readiness(subject, *one);
  if (!ready) return reason::container_status_unknown;
  return *ready ? reason::container_ready : reason::container_not_ready;
}

/// A name that is wrong is reported first, then a container that is not ready, then a status that is unknown.
template <class Names>
reason judge_containers(const pod& subject, const Names& names) {
  reason worst = reason::container_ready;
  for (const std::string_view name : names) {
    const reason one = judge_container(subject, name);
    if (is_wrong_target(one)) return one;
    if (one == reason::container_not_ready || worst == reason::container_ready) worst = one;
  }
  return worst;
}

reason judge_all_containers(const pod& subject) {
  bool has_regular = false;
  bool has_unknown = false;
  for (const container& one : subject.containers) {
    if (!counts(one)) continue;
    has_regular |= one.type == container::kind::regular;
    const std::optional<bool> ready = readiness(subject, one);
    if (ready == false) return reason::container_not_ready;
    has_unknown |= !ready;
  }
  // Kubernetes has no pods without containers; "all are ready" would be vacuously true.
  return has_regular && !has_unknown ? reason::all_containers_ready : reason::container_status_unknown;
}

/// Rows 7 to 12, regardless of deletion and maintenance.
template <class Names>
reason judge_readiness(const pod& subject, requirement require, const Names& containers) {
  if (subject.phase == "Failed") return reason::pod_failed;
  if (subject.phase == "Succeeded") return reason::pod_succeeded;
  if (subject.all_containers_restarting) return reason::pod_restarting;
  if (is_node_lost(subject)) return reason::node_lost;
  if (require == requirement::pod) return subject.ready_is_true ? reason::pod_ready : reason::pod_not_ready;
  return containers.empty() ? judge_all_containers(subject) : judge_containers(subject, containers);
}

template <class Names>
reason judge(const pod& subject, std::string_view bound_uid, requirement require, const Names& containers) {
  if (!bound_uid.empty() && subject.uid != bound_uid) return reason::pod_replaced;
  const reason readiness_reason = judge_readiness(subject, require, containers);
  const bool is_ready = verdict_of(readiness_reason).state == state::healthy;
  if (subject.deletion_requested || subject.terminated_by_kubelet) {
    return is_ready ? reason::pod_terminating : reason::pod_terminating_unready;
  }
  if (subject.maintenance == "true") return is_ready ? reason::maintenance : reason::maintenance_unready;
  return readiness_reason;
}

template <class Names>
verdict judge(const pod_state& current, std::string_view bound_uid, requirement require, const Names& containers,
              bool is_node_leaving) {
  const pod* subject = std::get_if<pod>(&current);
  const auto found = subject == nullptr ? reason::pod_not_found : judge(*subject, bound_uid, require, containers);
  return verdict_of(is_node_leaving ? on_leaving_node(found) : found);
}

}  // namespace

verdict evaluate(const pod_state& current, const target& wanted) {
  return judge(current, wanted.bound_uid, wanted.require, wanted.containers, !wanted.node_drain.empty());
}

verdict evaluate_container(const pod_state& current, std::string_view container, std::string_view bound_uid,
                           bool is_node_leaving) {
  return judge(current, bound_uid, requirement::containers, std::array{container}, is_node_leaving);
}

reason on_leaving_node(reason judged) noexcept {
  if (is_gone(judged)) return judged;
  const bool is_ready = nearness_of(judged) >= nearness::drain;
  return is_ready ? reason::node_draining : reason::node_draining_unready;
}

}  // namespace sidecar::health
