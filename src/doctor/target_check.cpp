#include "sidecar/doctor/target_check.hpp"

#include <algorithm>
#include <string>

#include "sidecar/doctor/checks.hpp"

namespace sidecar::doctor {
namespace {

std::string pods_of(const std::string& name_space) {
  return name_space.empty() ? "pods in every namespace" : "pods in namespace " + name_space;
}

}  // namespace

finding describe_target(const config::config& settings, const kube::target_pod& target) {
  if (settings.mode == config::run_mode::sidecar) {
    return {level::ok, checks::target, to_string(target.pod) + ", from " + target.origin};
  }
  return {level::ok, checks::target,
          "node " + settings.node_name + ": " + pods_of(settings.target_namespace) + " with the label " +
              std::string{config::workload_label} + "; /nodez and the log say which are found"};
}

findings target_errors(const std::vector<std::string>& errors) {
  findings found;
  for (const auto& one : errors) {
    const auto end = std::min(one.find(". "), one.size());
    found.push_back({level::fail, checks::target, one.substr(0, end), end == one.size() ? "" : one.substr(end + 2)});
  }
  return found;
}

findings check_node_permissions(const access_facts& facts) {
  if (!facts.list) {
    return {
        {level::ok, checks::permissions,
         "cannot ask (SelfSubjectAccessReview is not allowed): " + facts.cannot_ask + "; the LIST itself will show"}};
  }
  const auto what = pods_of(facts.pod.namespace_name);
  const auto who = facts.user.empty() ? "this service account" : facts.user;
  if (*facts.list && facts.watch.value_or(false)) {
    return {{level::ok, checks::permissions, who + " may list and watch " + what}};
  }
  const std::string missing = *facts.list ? "watch" : facts.watch == true ? "list" : "list and watch";
  return {{level::fail, checks::permissions,
           who + " may not " + missing + ' ' + what + ": every answer is ApiForbidden",
           facts.pod.namespace_name.empty()
               ? "apply deploy/node's ClusterRole and ClusterRoleBinding, or set TARGET_NAMESPACE to the one namespace "
                 "whose pods it may list"
               : role_commands(facts)}};
}

}  // namespace sidecar::doctor
