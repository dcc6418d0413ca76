#pragma once

#include <chrono>
#include <utility>

namespace sidecar::http {

/// Trouble that comes and goes many times a second, told as one: a line when it begins, another when there has been
/// none for a while.
class episode {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit constexpr episode(std::chrono::milliseconds calm) noexcept : calm_(calm) {}

  constexpr bool is_on() const noexcept { return on_; }

  /// There is trouble, which ends at `until` at the earliest. True if it is the first: say so.
  constexpr bool begins(time_point until) noexcept {
    last_ = until;
    return !std::exchange(on_, true);
  }

  /// There is none now. True if there has been none long enough, after some: say so.
  constexpr bool ends(time_point now) noexcept { return on_ && now - last_ >= calm_ && std::exchange(on_, false); }

 private:
  std::chrono::milliseconds calm_;
  time_point last_{};
  bool on_ = false;
};

}  // namespace sidecar::http
