#include "sidecar/app/path_containers.hpp"

#include <algorithm>

#include "sidecar/health/containers.hpp"

namespace sidecar::app {
namespace {

/// More than a pod has, of each sort.
constexpr std::size_t max_path_containers = 16;

/// As far as the log repeats a name that the pod does not have.
std::string_view shortened(std::string_view name) {
  constexpr std::size_t max_name = 64;
  return name.substr(0, max_name);
}

const health::container* find(const health::pod_state& pod, std::string_view asked) {
  const auto* there = std::get_if<health::pod>(&pod);
  return there == nullptr ? nullptr : health::find_container(*there, asked);
}

}  // namespace

bool path_containers::is_known(const health::pod_state& pod, std::string_view asked) const {
  if (std::holds_alternative<health::absent_pod>(pod)) return true;
  const auto* one = find(pod, asked);
  const auto& names = one == nullptr ? unknown_ : known_;
  const auto name = one == nullptr ? shortened(asked) : std::string_view{one->name};
  return names.size() == max_path_containers || std::ranges::count(names, name) > 0;
}

std::optional<std::string> path_containers::note(const health::pod_state& pod, std::string_view asked) {
  if (is_known(pod, asked)) return std::nullopt;
  const auto* one = find(pod, asked);
  auto& names = one == nullptr ? unknown_ : known_;
  return names.emplace_back(one == nullptr ? shortened(asked) : std::string_view{one->name});
}

}  // namespace sidecar::app
