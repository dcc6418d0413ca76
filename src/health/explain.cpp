#include "sidecar/health/explain.hpp"

#include <algorithm>

#include "sidecar/base/ascii.hpp"

namespace sidecar::health {
namespace {

bool counts(const container& one) {
  return one.type == container::kind::regular || one.type == container::kind::native_sidecar;
}

/// What the container's own list of statuses says of it.
std::string readiness(const pod& of, const container& one) {
  const auto& list = one.type == container::kind::native_sidecar ? of.init_statuses : of.statuses;
  const auto found =
      std::find_if(list.begin(), list.end(), [&](const auto& status) { return status.name == one.name; });
  if (found == list.end()) return "no status";
  return found->ready ? "" : "not ready";
}

void append(std::string& list, const std::string& item) {
  if (!list.empty()) list += ", ";
  list += item;
}

/// Of the containers that were asked for.
std::string unready_containers(const pod& of, const target& wanted) {
  std::string list;
  for (const auto& one : of.containers) {
    if (!wanted.container.empty() && !equal_ignoring_case(one.name, wanted.container)) continue;
    const auto problem = counts(one) ? readiness(of, one) : std::string{};
    if (!problem.empty()) append(list, one.name + " (" + problem + ")");
  }
  return list;
}

std::string names(const pod& of) {
  std::string list;
  for (const auto& one : of.containers) {
    if (counts(one)) append(list, one.name);
  }
  return list;
}

}  // namespace

std::string explain(const pod_truth& truth, const target& wanted, const verdict& found) {
  const auto* of = std::get_if<pod>(&truth);
  if (of == nullptr) return {};
  switch (found.reason) {
    case reason::container_not_ready:
    case reason::container_status_unknown:
      return "containers: " + unready_containers(*of, wanted);
    case reason::no_such_container:
      return "wanted " + wanted.container + ", the pod has " + names(*of);
    case reason::pod_replaced:
      return "the token is bound to uid " + wanted.bound_uid + ", the pod has " + of->uid;
    default:
      return {};
  }
}

}  // namespace sidecar::health
