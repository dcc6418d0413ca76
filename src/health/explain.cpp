#include "sidecar/health/explain.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "sidecar/health/containers.hpp"

namespace sidecar::health {
namespace {

void append(std::string& list, std::string_view item, std::string_view separator = ", ") {
  if (!list.empty()) list += separator;
  list += item;
}

bool is_wanted(const pod& subject, const container& one, const target& wanted) {
  if (wanted.containers.empty()) return counts(one);
  return std::ranges::any_of(wanted.containers,
                             [&](const auto& name) { return find_container(subject, name) == &one; });
}

/// The unready ones of the target containers.
std::string unready_containers(const pod& subject, const target& wanted) {
  std::string list;
  for (const container& one : subject.containers) {
    if (!counts(one) || !is_wanted(subject, one, wanted)) continue;
    const auto ready = readiness(subject, one);
    if (ready != true) append(list, one.name + (ready ? " (not ready)" : " (no status)"));
  }
  return list.empty() ? list : "containers: " + list;
}

std::string names(const pod& subject) {
  std::string list;
  for (const container& one : subject.containers) {
    if (counts(one)) append(list, one.name);
  }
  return list;
}

std::string missing_containers(const pod& subject, const target& wanted) {
  std::string list;
  for (const auto& name : wanted.containers) {
    if (find_container(subject, name) == nullptr) append(list, name);
  }
  return "wanted " + list + ", the pod has " + names(subject);
}

/// The target containers of a kind that can never be ready.
std::string containers_of_kind(const pod& subject, const target& wanted, container::kind type) {
  std::string list;
  for (const auto& name : wanted.containers) {
    const container* one = find_container(subject, name);
    if (one != nullptr && one->type == type) append(list, one->name);
  }
  return "containers: " + list;
}

std::string joined(std::string first, const std::string& second) {
  if (!second.empty()) append(first, second, "; ");
  return first;
}

std::string unready_pod(const pod& subject, const target& wanted) {
  std::string text;
  if (wanted.require == requirement::pod && !subject.unready_reason.empty())
    text = "condition Ready: " + subject.unready_reason;
  return joined(std::move(text), unready_containers(subject, wanted));
}

std::string node_leaving(const pod& subject, const target& wanted) {
  return "node " + subject.node_name + ": " + wanted.node_drain;
}

}  // namespace

std::string explain(const pod_state& current, const target& wanted, const verdict& found) {
  const auto* subject = std::get_if<pod>(&current);
  if (subject == nullptr) return {};
  switch (found.reason) {
    case reason::container_not_ready:
    case reason::container_status_unknown:
      return unready_containers(*subject, wanted);
    case reason::node_draining:
      return node_leaving(*subject, wanted);
    case reason::node_draining_unready:
      return joined(node_leaving(*subject, wanted), unready_pod(*subject, wanted));
    case reason::pod_not_ready:
    case reason::pod_terminating_unready:
    case reason::maintenance_unready:
      return unready_pod(*subject, wanted);
    case reason::no_such_container:
      return missing_containers(*subject, wanted);
    case reason::target_is_init_container:
      return containers_of_kind(*subject, wanted, container::kind::init);
    case reason::target_is_ephemeral:
      return containers_of_kind(*subject, wanted, container::kind::ephemeral);
    case reason::pod_replaced:
      return "the token is bound to uid " + wanted.bound_uid + ", the pod has " + subject->uid;
    default:
      return {};
  }
}

}  // namespace sidecar::health
