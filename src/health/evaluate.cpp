#include "sidecar/health/evaluate.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "sidecar/base/ascii.hpp"

namespace sidecar::health {
namespace {

bool counts(const container& one) {
  return one.type == container::kind::regular || one.type == container::kind::native_sidecar;
}

/// Ready, not ready, or no status yet. A name that occurs twice is ready if both say so; the API server promises no
/// uniqueness here, and not ready must not pass for ready.
std::optional<bool> readiness(const pod& subject, const container& one) {
  const auto& statuses = one.type == container::kind::regular ? subject.statuses : subject.init_statuses;
  std::optional<bool> ready;
  for (const container_status& status : statuses)
    if (status.name == one.name) ready = status.ready && ready.value_or(true);
  return ready;
}

/// The kubelet writes Ready and ContainersReady together, and without readiness gates they are equal. Only the node
/// controller sets Ready alone, when the node has gone silent; from then on the container statuses are history.
bool is_node_lost(const pod& subject) {
  return subject.containers_ready_is_true && subject.ready_is_false && !subject.has_readiness_gates;
}

const container* find_container(const pod& subject, std::string_view name) {
  const auto& all = subject.containers;
  auto found = std::ranges::find(all, name, &container::name);
  if (found == all.end())
    found = std::ranges::find_if(all, [&](const container& one) { return equal_ignoring_case(one.name, name); });
  return found == all.end() ? nullptr : &*found;
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

reason judge(const pod& subject, const target& wanted) {
  if (!wanted.bound_uid.empty() && subject.uid != wanted.bound_uid) return reason::pod_replaced;
  if (subject.deletion_requested || subject.terminated_by_kubelet) return reason::pod_terminating;
  if (subject.phase == "Failed") return reason::pod_failed;
  if (subject.phase == "Succeeded") return reason::pod_succeeded;
  if (is_node_lost(subject)) return reason::node_lost;
  return wanted.container.empty() ? judge_all_containers(subject) : judge_container(subject, wanted.container);
}

}  // namespace

verdict evaluate(const pod_truth& truth, const target& wanted) {
  const pod* subject = std::get_if<pod>(&truth);
  return verdict_of(subject == nullptr ? reason::pod_not_found : judge(*subject, wanted));
}

}  // namespace sidecar::health
