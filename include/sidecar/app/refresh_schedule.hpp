#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "sidecar/base/clock.hpp"

namespace sidecar::app {

/// When live mode refreshes its snapshot without a query, so that a load balancer that asks every 30 s finds one that
/// may be held: three times within the hold, for ten minutes after the last query. Pure.
class refresh_schedule {
 public:
  /// `stale_grace` 0: nothing may be held, so there is nothing to refresh.
  explicit refresh_schedule(std::chrono::nanoseconds stale_grace,
                            std::chrono::nanoseconds lasts = std::chrono::minutes{10}) noexcept
      : period_(std::max<std::chrono::nanoseconds>(stale_grace / 3, min_period)),
        lasts_(stale_grace > std::chrono::nanoseconds::zero() ? lasts : std::chrono::nanoseconds::zero()) {}

  void note_query(time_point now) noexcept { last_query_ = now; }
  void note_fetch(time_point now) noexcept { last_fetch_ = now; }

  /// When to look again whether a refresh is due, at the earliest after `min_period`; nothing: not before another
  /// query.
  std::optional<time_point> next(time_point now) const noexcept {
    if (!last_query_ || now - *last_query_ > lasts_ || lasts_ == std::chrono::nanoseconds::zero()) return std::nullopt;
    return std::max(last_fetch_ + period_, now + min_period);
  }

  bool is_due(time_point now) const noexcept { return next(now) && now - last_fetch_ >= period_; }

 private:
  /// More often would serve nobody, however short the grace.
  static constexpr std::chrono::nanoseconds min_period = std::chrono::milliseconds{100};

  std::chrono::nanoseconds period_;
  std::chrono::nanoseconds lasts_;
  std::optional<time_point> last_query_;
  time_point last_fetch_{};
};

}  // namespace sidecar::app
