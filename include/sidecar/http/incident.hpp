#pragma once

#include <chrono>
#include <utility>

namespace sidecar::http {

/// PURE. Repeated trouble that is logged once: a line when it begins, and one after a quiet period.
class incident {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit constexpr incident(std::chrono::milliseconds quiet_period) noexcept : quiet_period_(quiet_period) {}

  constexpr bool is_on() const noexcept { return on_; }

  /// Notes trouble that lasts until `last` at least. True if the incident begins: log it.
  constexpr bool begin(time_point last) noexcept {
    last_ = last;
    return !std::exchange(on_, true);
  }

  /// Notes that there is no trouble now. True if the quiet period has passed and the incident ends: log it.
  constexpr bool end(time_point now) noexcept {
    return on_ && now - last_ >= quiet_period_ && std::exchange(on_, false);
  }

 private:
  std::chrono::milliseconds quiet_period_;
  time_point last_{};
  bool on_ = false;
};

}  // namespace sidecar::http
