#include "sidecar/kube/resource_version.hpp"

#include <algorithm>
#include <variant>

#include "sidecar/base/ascii.hpp"

namespace sidecar::kube {
namespace {

bool is_absent(const health::pod_state& state) noexcept { return std::holds_alternative<health::absent_pod>(state); }
bool is_absent(const health::node_state& state) noexcept { return std::holds_alternative<health::absent_node>(state); }

template <class State>
std::string_view version_in(const State& state) noexcept {
  return std::visit([](const auto& one) -> std::string_view { return one.resource_version; }, state);
}

template <class State>
version_order compare(const State& first, const State& second) noexcept {
  const auto order = compare_versions(version_in(first), version_in(second));
  const bool contradicts = order == version_order::same && is_absent(first) != is_absent(second);
  return contradicts ? version_order::unknown : order;
}

template <class State>
bool is_same(const State& first, const State& second) noexcept {
  if (is_absent(first) || is_absent(second)) return is_absent(first) && is_absent(second);
  return compare(first, second) == version_order::same;
}

}  // namespace

bool is_resource_version(std::string_view text) noexcept {
  constexpr std::size_t max_digits = 20;  // of a 64-bit number
  return !text.empty() && text.size() <= max_digits && text.front() != '0' && std::ranges::all_of(text, is_digit);
}

version_order compare_versions(std::string_view first, std::string_view second) noexcept {
  if (first.empty() || second.empty()) return version_order::unknown;
  if (first == second) return version_order::same;
  if (!is_resource_version(first) || !is_resource_version(second)) return version_order::unknown;
  // Without leading zeros the longer number is the larger one.
  const bool is_older = first.size() != second.size() ? first.size() < second.size() : first < second;
  return is_older ? version_order::older : version_order::newer;
}

version_order compare_states(const health::pod_state& first, const health::pod_state& second) noexcept {
  return compare(first, second);
}
version_order compare_states(const health::node_state& first, const health::node_state& second) noexcept {
  return compare(first, second);
}

bool is_same_state(const health::pod_state& first, const health::pod_state& second) noexcept {
  return is_same(first, second);
}
bool is_same_state(const health::node_state& first, const health::node_state& second) noexcept {
  return is_same(first, second);
}

}  // namespace sidecar::kube
