#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

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

  /// A query's call holds one from when it wants to start until its request does. It shares the limiter: a call may be
  /// destroyed with its io_context, after all else.
  class claim {
   public:
    claim() = default;
    explicit claim(std::shared_ptr<rate_limiter> limiter) : limiter_(std::move(limiter)) { ++limiter_->claims_; }
    claim(claim&&) = default;
    claim& operator=(claim&&) = delete;
    ~claim() { end(); }

    void end() noexcept {
      if (const auto limiter = std::exchange(limiter_, nullptr)) --limiter->claims_;
    }

   private:
    std::shared_ptr<rate_limiter> limiter_;
  };

  /// Empty for a call in the background.
  static claim make_claim(const std::shared_ptr<rate_limiter>& limiter, priority caller) {
    return caller == priority::background ? claim{} : claim{limiter};
  }

  /// True if `caller` lets another call go first.
  bool must_yield(priority caller) const noexcept { return caller == priority::background && claims_ > 0; }

  /// True if no call has started since the one at `start`.
  bool is_latest(time_point start) const noexcept { return last_ == start; }

  /// Notes that a call starts at `now`.
  void note_start(time_point now) noexcept { last_ = now; }

 private:
  using gap = std::chrono::nanoseconds;

  gap gap_{0};
  std::optional<time_point> last_;
  std::size_t claims_ = 0;
};

}  // namespace sidecar::kube
