#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "sidecar/base/clock.hpp"

namespace sidecar::app {

/// PURE. When the pod is fetched without a query. In live mode: three times per STALE_GRACE, for ten minutes after the
/// last query, so that a load balancer that checks every 30 s finds a snapshot to hold; if wanted also until the first
/// snapshot. During a drain: at an interval
/// of its own, to distinguish a drain from a target that is down.
class refresh_schedule {
 public:
  /// `stale_grace` 0: nothing is held, so nothing is refreshed.
  explicit refresh_schedule(std::chrono::nanoseconds stale_grace) noexcept
      : period_(stale_grace > zero ? std::max<std::chrono::nanoseconds>(stale_grace / 3, min_period) : zero) {}

  /// From now until a snapshot is noted.
  void fetch_first() noexcept { needs_snapshot_ = true; }
  void note_snapshot() noexcept { needs_snapshot_ = false; }
  void note_query(time_point now) noexcept { last_query_ = now; }
  /// No further fetch before another query.
  void forget_queries() noexcept { last_query_.reset(); }
  void note_fetch(time_point now) noexcept { last_fetch_ = now; }
  /// `period` zero: no further fetch.
  void drain(std::chrono::nanoseconds period) noexcept {
    period_ = period;
    needs_queries_ = false;
    needs_snapshot_ = false;
  }

  /// When the next fetch is due; empty: not before another query.
  std::optional<time_point> due(time_point now) const noexcept {
    if (needs_snapshot_) return last_fetch_ + first_period;
    if (period_ == zero || (needs_queries_ && !is_used(now))) return std::nullopt;
    return last_fetch_ + period_;
  }

 private:
  static constexpr std::chrono::nanoseconds zero{0};
  /// The shortest useful interval.
  static constexpr std::chrono::nanoseconds min_period = std::chrono::milliseconds{100};
  static constexpr std::chrono::nanoseconds first_period = std::chrono::seconds{5};
  static constexpr std::chrono::nanoseconds lasts = std::chrono::minutes{10};

  bool is_used(time_point now) const noexcept { return last_query_ && now - *last_query_ <= lasts; }

  std::chrono::nanoseconds period_;
  std::optional<time_point> last_query_;
  time_point last_fetch_{};
  bool needs_queries_ = true;
  bool needs_snapshot_ = false;
};

}  // namespace sidecar::app
