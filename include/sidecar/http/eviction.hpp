#pragma once

#include <chrono>
#include <cstddef>

#include "sidecar/http/phase.hpp"

namespace sidecar::http {

/// The properties of a connection that decide about its eviction.
struct occupancy {
  phase doing;
  std::chrono::steady_clock::time_point since;  ///< the start of the current deadline
  std::size_t answers;                          ///< the number of answers so far
};

/// False for a connection that waits for its first answer: it must not lose against clients that have had theirs.
bool may_be_evicted(const occupancy& one) noexcept;

/// True if `one` is evicted rather than `other`, which was accepted earlier; both may be evicted. The order: a
/// connection that has its answer or does not read it, an idle one, one with an incomplete request, one that waits for
/// a further answer. Of two of the same rank the one that has waited longer is evicted, or the one with more answers.
bool is_evicted_before(const occupancy& one, const occupancy& other) noexcept;

/// The connection of `open` (in the order of acceptance) to evict for a new one; the end if none may be evicted.
template <class Connections, class Projection>
auto eviction_candidate(Connections& open, Projection occupancy_of) {
  auto candidate = open.end();
  for (auto one = open.begin(); one != open.end(); ++one) {
    const occupancy place = occupancy_of(*one);
    if (!may_be_evicted(place)) continue;
    if (candidate == open.end() || is_evicted_before(place, occupancy_of(*candidate))) candidate = one;
  }
  return candidate;
}

}  // namespace sidecar::http
