#include "sidecar/kube/call_statistics.hpp"

#include <algorithm>

namespace sidecar::kube {
namespace {

std::size_t index_of(std::optional<health::reason> failure) noexcept {
  return failure ? static_cast<std::size_t>(*failure) + 1 : 0;
}

}  // namespace

std::string_view name(verb what) noexcept {
  constexpr std::array<std::string_view, verbs.size()> names{"get", "list", "watch"};
  return names[static_cast<std::size_t>(what)];
}

void call_durations::note(std::chrono::nanoseconds took) noexcept {
  ++buckets[static_cast<std::size_t>(std::ranges::lower_bound(bounds, took) - bounds.begin())];
  sum += took;
  ++count;
}

void call_statistics::note(verb what, time_point started, time_point ended,
                           std::optional<health::reason> failure) noexcept {
  const auto took = ended - started;
  ++counts_[static_cast<std::size_t>(what)][index_of(failure)];
  // A watch lasts for minutes; when it was accepted says little of how fast the API server is.
  if (what != verb::watch) durations.note(took);
  last = {what, started, took, failure};
}

std::uint64_t call_statistics::count(verb what, std::optional<health::reason> failure) const noexcept {
  return counts_[static_cast<std::size_t>(what)][index_of(failure)];
}

}  // namespace sidecar::kube
