#include "sidecar/health/answer.hpp"

#include <algorithm>

namespace sidecar::health {
namespace {

using std::chrono::nanoseconds;

nanoseconds age_of(const known_verdict& known, time_point now) {
  return std::max(nanoseconds{now - known.observed}, nanoseconds::zero());
}

/// The target was ready in the last snapshot, or was terminating while still ready.
bool still_serves(const verdict& last) { return last.state == state::healthy || is_drain(last.reason); }

answer draining(const answer_basis& basis, time_point now, const hold_rule& rule) {
  auto last = basis.override_verdict;
  const auto grace = std::max(rule.stale_grace, rule.drain_grace);
  const bool is_known = basis.snapshot && (!basis.failure || age_of(*basis.snapshot, now) <= grace);
  if (!last && is_known) last = basis.snapshot->verdict;
  return {verdict_of(last && still_serves(*last) ? reason::draining : reason::draining_unready)};
}

}  // namespace

answer decide(const answer_basis& basis, time_point now, const hold_rule& rule) {
  if (basis.is_draining) return draining(basis, now, rule);
  if (basis.override_verdict) return {*basis.override_verdict};
  if (basis.snapshot && !basis.failure) return {basis.snapshot->verdict};
  const auto failure = basis.failure.value_or(reason::api_timeout);
  if (!basis.snapshot || rule.stale_grace <= nanoseconds::zero()) return {verdict_of(failure)};
  const auto age = age_of(*basis.snapshot, now);
  if (age > rule.stale_grace) return {verdict_of(failure)};
  return {basis.snapshot->verdict, std::chrono::floor<std::chrono::seconds>(age)};
}

}  // namespace sidecar::health
