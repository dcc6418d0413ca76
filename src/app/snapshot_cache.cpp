#include "sidecar/app/snapshot_cache.hpp"

namespace sidecar::app {

void snapshot_cache::store(snapshot_ptr newest) {
  const bool is_confirmed = !snapshot_ || newest->snapshot.observed > snapshot_->snapshot.observed;
  if (is_confirmed) failure_.reset();
  snapshot_ = std::move(newest);
}

bool snapshot_cache::is_current(time_point now) const noexcept {
  return serving_ == source::cache && snapshot_ && !failure_ && now - snapshot_->snapshot.observed <= current_for_;
}

health::answer_basis snapshot_cache::basis(std::string_view container, time_point now) const {
  health::answer_basis known;
  if (snapshot_) known.snapshot = health::known_verdict{snapshot_->verdict(container), snapshot_->snapshot.observed};
  // In live mode a query that still waits has had no response in time.
  const auto cause =
      serving_ == source::cache ? failure_.value_or(health::reason::api_timeout) : health::reason::api_timeout;
  if (!is_current(now)) known.failure = cause;
  return known;
}

}  // namespace sidecar::app
