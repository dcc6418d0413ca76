#include "sidecar/pod/snapshot_cache.hpp"

#include <utility>

namespace sidecar::pod {

using health::state;

namespace {

/// Healthy apart from what its node does, which may change before another LIST decides.
bool serves_by_itself(const evaluated_snapshot& one) {
  auto wanted = one.target;
  wanted.node_drain.clear();
  return health::evaluate(one.snapshot.state, wanted).state == state::healthy;
}

}  // namespace

snapshot_ptr snapshot_cache::evaluate(health::snapshot taken) const {
  health::target wanted{settings_.containers, settings_.require, settings_.bound_uid(),
                        settings_.node_drain(health::node_of(taken.state))};
  const auto configured = health::evaluate(taken.state, wanted);
  return std::make_shared<const evaluated_snapshot>(
      evaluated_snapshot{std::move(taken), std::move(wanted), configured});
}

void snapshot_cache::store(snapshot_ptr newest) {
  const bool is_confirmed = !snapshot_ || newest->snapshot.observed > snapshot_->snapshot.observed;
  if (is_confirmed || (problem_ && problem_->was_late)) problem_.reset();
  snapshot_ = std::move(newest);
}

void snapshot_cache::reevaluate() {
  if (snapshot_) snapshot_ = evaluate(snapshot_->snapshot);
}

bool snapshot_cache::store_if_worse(health::pod_state other) {
  if (!snapshot_) return false;
  auto taken = evaluate({std::move(other), snapshot_->snapshot.observed});
  if (!serves_by_itself(*snapshot_) || serves_by_itself(*taken)) return false;
  store(std::move(taken));
  return true;
}

bool snapshot_cache::is_current(time_point now) const noexcept {
  return serving() == source::cache && snapshot_ && !failure() &&
         now - snapshot_->snapshot.observed <= settings_.current_for;
}

health::answer snapshot_cache::answer(std::string_view container, time_point now,
                                      std::optional<health::reason> failure) const {
  health::answer_basis basis{.is_draining = is_draining_, .override_verdict = settings_.override_verdict};
  if (snapshot_) basis.snapshot = health::known_verdict{snapshot_->verdict(container), snapshot_->snapshot.observed};
  if (failure) {
    basis.failure = failure;
  } else if (!is_current(now)) {
    // In live mode a query that still waits has had no response in time.
    basis.failure = serving() == source::cache ? this->failure().value_or(health::reason::api_timeout)
                                               : health::reason::api_timeout;
  }
  return health::decide(basis, now, settings_.hold);
}

std::optional<health::reason> snapshot_cache::failure() const noexcept {
  return problem_ && !problem_->was_late ? std::optional{problem_->why} : std::nullopt;
}

std::optional<health::reason> snapshot_cache::problem() const noexcept {
  return problem_ ? std::optional{problem_->why} : std::nullopt;
}

health::answer snapshot_cache::current(time_point now) const {
  const bool is_last_word = serving() == source::live && !is_draining_ && snapshot_ && !problem();
  return is_last_word ? health::answer{snapshot_->configured} : answer({}, now, problem());
}

}  // namespace sidecar::pod
