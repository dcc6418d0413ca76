#include "sidecar/doctor/target_check.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/doctor/checks.hpp"

namespace sidecar::doctor {

std::string pods_of(const std::string& name_space) {
  return name_space.empty() ? "pods in every namespace" : "pods in namespace " + name_space;
}

finding describe_target(const config::config& settings, const kube::target_pod& target) {
  if (settings.mode == config::run_mode::sidecar) {
    return {level::ok, checks::target, to_string(target.pod) + ", from " + target.origin};
  }
  return {level::ok, checks::target,
          "node " + settings.node_name + ": " + pods_of(settings.target_namespace) + " with the label " +
              std::string{config::workload_label} + "; /nodez and the log say which are found"};
}

findings skipped_checks(const config::config& settings, std::initializer_list<std::string_view> made_impossible) {
  constexpr std::array of_one_pod{checks::pod, checks::container, checks::verdict, checks::spec};
  std::vector<std::string_view> all{made_impossible};
  if (settings.mode == config::run_mode::node) {
    for (const auto one : of_one_pod) std::erase(all, one);
  }
  if (!settings.uses_node_drain()) std::erase(all, checks::node);
  return all.empty() ? findings{} : findings{skipped(all)};
}

finding no_such_pod(const kube::pod_name& pod) {
  return {level::fail, checks::pod, "there is no pod " + to_string(pod) + ": every answer is PodNotFound",
          std::string{advice(health::reason::pod_not_found)}};
}

findings target_errors(const std::vector<std::string>& errors) {
  findings found;
  for (const auto& one : errors) {
    const auto end = std::min(one.find(". "), one.size());
    found.push_back({level::fail, checks::target, one.substr(0, end), end == one.size() ? "" : one.substr(end + 2)});
  }
  return found;
}

}  // namespace sidecar::doctor
