#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "sidecar/base/clock.hpp"

namespace sidecar::kube {

/// PURE. Promise 3: calls start at least 1/API_QPS apart, retries included. Calls for queries go before those in the
/// background.
class rate_limiter {
 public:
  enum class priority : std::uint8_t { query, background };

  /// `calls_per_second` 0: no limit.
  explicit rate_limiter(double calls_per_second) {
    if (calls_per_second > 0)
      gap_ = std::chrono::duration_cast<gap>(std::chrono::duration<double>(1 / calls_per_second));
  }

  /// How long a call must wait at `now`; zero: it may start.
  std::chrono::nanoseconds wait(time_point now) const {
    return last_ ? std::max(gap::zero(), gap{*last_ + gap_ - now}) : gap::zero();
  }

  /// A call of that priority begins to wait, and ends.
  void begin_wait(priority of_call) noexcept { waiting_ += of_call == priority::query ? 1 : 0; }
  void end_wait(priority of_call) noexcept { waiting_ -= of_call == priority::query ? 1 : 0; }

  /// True if a call of that priority must let another one go first, which starts as soon as it may.
  bool must_yield(priority of_call) const noexcept { return of_call == priority::background && waiting_ > 0; }

  /// True if no call has started since the one at `start`.
  bool is_latest(time_point start) const noexcept { return last_ == start; }

  /// Notes that a call starts at `now`.
  void note_start(time_point now) noexcept { last_ = now; }

 private:
  using gap = std::chrono::nanoseconds;

  gap gap_{0};
  std::optional<time_point> last_;
  std::size_t waiting_ = 0;  ///< calls for queries
};

}  // namespace sidecar::kube
