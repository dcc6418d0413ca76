#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

#include "sidecar/base/clock.hpp"

namespace sidecar::pod {

/// PURE. When the pod is fetched without a query. In live mode: three times per STALE_GRACE, for ten minutes after the
/// last query, so that a load balancer that checks every 30 s finds a snapshot to hold. At the start, if wanted: at
/// once, and again until there is a first snapshot. During a drain: at an interval of its own, to distinguish a drain
/// from a target that is down.
class refresh_schedule {
 public:
  /// `stale_grace` 0: nothing is held, so nothing is refreshed.
  explicit refresh_schedule(std::chrono::nanoseconds stale_grace) noexcept
      : period_(stale_grace > zero ? std::max<std::chrono::nanoseconds>(stale_grace / 3, min_period) : zero) {}

  void note_query(time_point now) noexcept { last_query_ = now; }
  /// Fetches without a query until the first snapshot.
  void begin_at_once() noexcept { occasion_ = occasion::starting; }
  /// There is a snapshot: the start is over.
  void note_snapshot() noexcept {
    if (occasion_ == occasion::starting) occasion_ = occasion::queried;
  }
  /// No further fetch before another query.
  void forget_queries() noexcept { last_query_.reset(); }
  void note_fetch(time_point now) noexcept { last_fetch_ = now; }
  /// `period` zero: no further fetch.
  void drain(std::chrono::nanoseconds period) noexcept {
    period_ = period;
    occasion_ = occasion::draining;
  }

  /// When the next fetch is due; empty: not before another query.
  std::optional<time_point> due(time_point now) const noexcept {
    if (occasion_ == occasion::starting) return next(start_period(), now);
    if (period_ == zero || (occasion_ == occasion::queried && !is_used(now))) return std::nullopt;
    return next(period_, now);
  }

 private:
  static constexpr std::chrono::nanoseconds zero{0};
  /// The shortest useful interval.
  static constexpr std::chrono::nanoseconds min_period = std::chrono::milliseconds{100};
  /// The longest interval of the start: an operator waits for the first snapshot, whatever STALE_GRACE is.
  static constexpr std::chrono::nanoseconds max_start_period = std::chrono::seconds{10};
  static constexpr std::chrono::nanoseconds lasts = std::chrono::minutes{10};

  /// When a fetch without a query is due.
  enum class occasion : std::uint8_t { starting, queried, draining };

  std::chrono::nanoseconds start_period() const noexcept {
    return period_ == zero ? max_start_period : std::min(period_, max_start_period);
  }
  time_point next(std::chrono::nanoseconds period, time_point now) const noexcept {
    return last_fetch_ ? *last_fetch_ + period : now;
  }
  bool is_used(time_point now) const noexcept { return last_query_ && now - *last_query_ <= lasts; }

  std::chrono::nanoseconds period_;
  std::optional<time_point> last_query_;
  std::optional<time_point> last_fetch_;
  occasion occasion_ = occasion::queried;
};

}  // namespace sidecar::pod
