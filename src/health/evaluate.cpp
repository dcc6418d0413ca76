#include "sidecar/health/evaluate.hpp"

#include <array>
#include <optional>
#include <string_view>

#include "sidecar/health/containers.hpp"

namespace sidecar::health {
namespace {

/// The kubelet writes Ready and ContainersReady together: with all containers ready it writes Ready=False for a closed
/// readiness gate alone, and says so in the reason (kubernetes pkg/kubelet/status/generate.go). Any other such pair is
/// the node controller's, which flips Ready alone once the node is silent and keeps the reason that was there, none
/// (pkg/controller/util/node MarkPodsNotReady); from then on the container statuses are history.
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

/// What needs mending is told before what may pass, and what is known before what is not.
int urgency(reason why) {
  switch (why) {
    case reason::container_ready:
      return 0;
    case reason::container_status_unknown:
      return 1;
    case reason::container_not_ready:
      return 2;
    default:
      return 3;
  }
}

template <class Names>
reason judge_containers(const pod& subject, const Names& names) {
  reason worst = reason::container_ready;
  for (const std::string_view name : names) {
    const reason one = judge_container(subject, name);
    if (urgency(one) > urgency(worst)) worst = one;
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
  // A pod without containers does not exist, and an answer about one would be vacuously true.
  return has_regular && !has_unknown ? reason::all_containers_ready : reason::container_status_unknown;
}

/// Rows 7 to 12: as if the pod had not been told to go.
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
  const reason otherwise = judge_readiness(subject, require, containers);
  if (!subject.deletion_requested && !subject.terminated_by_kubelet) return otherwise;
  return verdict_of(otherwise).state == state::healthy ? reason::pod_terminating : reason::pod_terminating_unready;
}

template <class Names>
verdict judge(const pod_truth& truth, std::string_view bound_uid, requirement require, const Names& containers) {
  const pod* subject = std::get_if<pod>(&truth);
  return verdict_of(subject == nullptr ? reason::pod_not_found : judge(*subject, bound_uid, require, containers));
}

}  // namespace

verdict evaluate(const pod_truth& truth, const target& wanted) {
  return judge(truth, wanted.bound_uid, wanted.require, wanted.containers);
}

verdict evaluate_container(const pod_truth& truth, std::string_view container, std::string_view bound_uid) {
  return judge(truth, bound_uid, requirement::containers, std::array{container});
}

}  // namespace sidecar::health
