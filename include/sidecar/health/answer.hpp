#pragma once

#include <chrono>
#include <optional>

#include "sidecar/base/clock.hpp"
#include "sidecar/health/verdict.hpp"

namespace sidecar::health {

/// How long a snapshot is used while it cannot be refreshed (stale-if-error, RFC 5861).
struct hold_rule {
  std::chrono::nanoseconds stale_grace{0};  ///< STALE_GRACE; 0: never
  /// The maximum age of the snapshot that decides between `draining` and `draining_unready`, if it exceeds
  /// `stale_grace`.
  std::chrono::nanoseconds drain_grace = std::chrono::seconds{2};
};

/// A snapshot's verdict on the target of a query.
struct known_verdict {
  health::verdict verdict;
  time_point observed;  ///< the snapshot's
};

/// The input of an answer.
struct answer_basis {
  bool is_draining = false;
  std::optional<verdict> override_verdict{};
  std::optional<known_verdict> snapshot{};
  std::optional<reason>
      failure{};  ///< why the snapshot could not be refreshed; empty: it is at least as new as the query
};

/// PURE. Rows 1 and 2 of the verdict table (drain, override), then the snapshot, then the hold rule. A held answer
/// carries the snapshot's age in whole seconds, rounded down; without a snapshot to hold the answer is `unknown` with
/// the failure's reason.
answer decide(const answer_basis& basis, time_point now, const hold_rule& rule);

}  // namespace sidecar::health
