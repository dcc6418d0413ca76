#include "sidecar/health/explain.hpp"

#include <algorithm>
#include <string_view>

#include "sidecar/health/containers.hpp"

namespace sidecar::health {
namespace {

void append(std::string& list, std::string_view item, std::string_view separator = ", ") {
  if (!list.empty()) list += separator;
  list += item;
}

bool is_wanted(const pod& of, const container& one, const target& wanted) {
  if (wanted.containers.empty()) return counts(one);
  return std::ranges::any_of(wanted.containers, [&](const auto& name) { return find_container(of, name) == &one; });
}

/// Of the containers that were asked for.
std::string unready_containers(const pod& of, const target& wanted) {
  std::string list;
  for (const container& one : of.containers) {
    if (!counts(one) || !is_wanted(of, one, wanted)) continue;
    const auto ready = readiness(of, one);
    if (ready != true) append(list, one.name + (ready ? " (not ready)" : " (no status)"));
  }
  return list.empty() ? list : "containers: " + list;
}

std::string names(const pod& of) {
  std::string list;
  for (const container& one : of.containers) {
    if (counts(one)) append(list, one.name);
  }
  return list;
}

std::string missing_containers(const pod& of, const target& wanted) {
  std::string list;
  for (const auto& name : wanted.containers) {
    if (find_container(of, name) == nullptr) append(list, name);
  }
  return "wanted " + list + ", the pod has " + names(of);
}

/// Of the containers that were asked for, those that can never be ready.
std::string containers_of_kind(const pod& of, const target& wanted, container::kind type) {
  std::string list;
  for (const auto& name : wanted.containers) {
    const container* one = find_container(of, name);
    if (one != nullptr && one->type == type) append(list, one->name);
  }
  return "containers: " + list;
}

std::string unready_pod(const pod& of, const target& wanted) {
  std::string said;
  if (wanted.require == requirement::pod && !of.unready_reason.empty()) said = "condition Ready: " + of.unready_reason;
  if (const auto containers = unready_containers(of, wanted); !containers.empty()) append(said, containers, "; ");
  return said;
}

}  // namespace

std::string explain(const pod_truth& truth, const target& wanted, const verdict& found) {
  const auto* of = std::get_if<pod>(&truth);
  if (of == nullptr) return {};
  switch (found.reason) {
    case reason::container_not_ready:
    case reason::container_status_unknown:
      return unready_containers(*of, wanted);
    case reason::pod_not_ready:
    case reason::pod_terminating_unready:
      return unready_pod(*of, wanted);
    case reason::no_such_container:
      return missing_containers(*of, wanted);
    case reason::target_is_init_container:
      return containers_of_kind(*of, wanted, container::kind::init);
    case reason::target_is_ephemeral:
      return containers_of_kind(*of, wanted, container::kind::ephemeral);
    case reason::pod_replaced:
      return "the token is bound to uid " + wanted.bound_uid + ", the pod has " + of->uid;
    default:
      return {};
  }
}

}  // namespace sidecar::health
