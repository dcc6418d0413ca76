#include "sidecar/http/traffic.hpp"

#include <algorithm>
#include <iterator>

namespace sidecar::http {
namespace {

/// The size of the table for a status that is not in it.
std::size_t index_of(unsigned status) noexcept {
  const auto* const found = std::ranges::find(refusal_statuses, status);
  return static_cast<std::size_t>(std::distance(refusal_statuses.begin(), found));
}

}  // namespace

void traffic::count_refusal(unsigned status) noexcept {
  const auto index = index_of(status);
  if (index < refusals.size()) ++refusals[index];
}

std::uint64_t traffic::refused(unsigned status) const noexcept {
  const auto index = index_of(status);
  return index < refusals.size() ? refusals[index] : 0;
}

}  // namespace sidecar::http
