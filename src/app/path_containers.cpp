#include "sidecar/app/path_containers.hpp"

#include <algorithm>

#include "sidecar/health/containers.hpp"

namespace sidecar::app {
namespace {

/// The limit for names that the pod has, and for others: more than a pod has.
constexpr std::size_t max_path_containers = 16;

/// The part of an unknown name that is logged.
std::string_view shortened(std::string_view name) {
  constexpr std::size_t max_name = 64;
  return name.substr(0, max_name);
}

const health::container* find(const health::pod_state& pod, std::string_view queried) {
  const auto* there = std::get_if<health::pod>(&pod);
  return there == nullptr ? nullptr : health::find_container(*there, queried);
}

}  // namespace

bool path_containers::is_known(const health::pod_state& pod, std::string_view queried) const {
  if (std::holds_alternative<health::absent_pod>(pod)) return true;
  const auto* one = find(pod, queried);
  const auto& names = one == nullptr ? unknown_ : known_;
  const auto name = one == nullptr ? shortened(queried) : std::string_view{one->name};
  return names.size() == max_path_containers || std::ranges::count(names, name) > 0;
}

std::optional<std::string> path_containers::note(const health::pod_state& pod, std::string_view queried) {
  if (is_known(pod, queried)) return std::nullopt;
  const auto* one = find(pod, queried);
  auto& names = one == nullptr ? unknown_ : known_;
  return names.emplace_back(one == nullptr ? shortened(queried) : std::string_view{one->name});
}

}  // namespace sidecar::app
