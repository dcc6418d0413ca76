#pragma once

#include <chrono>
#include <optional>

#include "sidecar/base/clock.hpp"
#include "sidecar/health/verdict.hpp"

namespace sidecar::health {

/// How long a snapshot stands that cannot be made anew (stale-if-error, RFC 5861).
struct hold_rule {
  std::chrono::nanoseconds stale_grace{0};  ///< STALE_GRACE; 0: never
  /// How old a snapshot may be that tells a drain from a target that is down, where that is more than `stale_grace`.
  std::chrono::nanoseconds drain_grace = std::chrono::seconds{2};
};

/// A snapshot's verdict on what a query asks about.
struct known_verdict {
  health::verdict verdict;
  time_point observed;  ///< the snapshot's
};

/// What is known when a query is answered.
struct answer_basis {
  bool is_draining = false;
  std::optional<verdict> override_verdict{};
  std::optional<known_verdict> snapshot{};
  std::optional<reason> failure{};  ///< why the snapshot could not be made anew; nothing: it is as new as the query
};

/// Rows 1 and 2 of the verdict table, then the snapshot, then the hold rule. A held answer carries the snapshot's age
/// in whole seconds, rounded down; where nothing may be held it is unknown, for the failure's reason. Pure.
answer decide(const answer_basis& basis, time_point now, const hold_rule& rule);

}  // namespace sidecar::health
