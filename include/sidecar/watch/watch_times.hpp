#pragma once

#include <algorithm>
#include <chrono>

namespace sidecar::watch {

/// Some are drawn again each time, so that a fleet that lost its API server together does not come back together.
struct watch_times {
  std::chrono::seconds min_watch{240};  ///< the length that is requested: between these two
  std::chrono::seconds max_watch{300};
  std::chrono::nanoseconds resync = std::chrono::seconds{15};       ///< between LISTs, 10 % more or less
  std::chrono::nanoseconds resync_retry = std::chrono::seconds{1};  ///< one to two times this, doubled: <= `max_pause`
  std::chrono::nanoseconds current_for = std::chrono::seconds{20};  ///< since the start of the last LIST that counted
  std::chrono::nanoseconds catch_up = std::chrono::seconds{2};      ///< for the watch to deliver what a LIST has found
  std::chrono::nanoseconds pause = std::chrono::seconds{4};         ///< from 0 to this, doubled up to `max_pause`
  std::chrono::nanoseconds max_pause = std::chrono::seconds{8};     ///< client-go spreads its reconnects likewise
  std::chrono::nanoseconds max_denied_pause = std::chrono::minutes{5};
  std::chrono::nanoseconds short_watch = std::chrono::seconds{10};  ///< one that ended sooner was cut
  std::chrono::nanoseconds sound_watch = std::chrono::seconds{30};  ///< one that lasted so long has not failed
  bool has_live_source = true;                                      ///< answers can be had without LIST and WATCH

  /// `first`, doubled after each failure, at most `max`.
  static std::chrono::nanoseconds doubled(std::chrono::nanoseconds first, int failures, std::chrono::nanoseconds max) {
    constexpr int max_doublings = 20;
    return std::min(first * (1U << std::min(failures, max_doublings)), max);
  }
};

}  // namespace sidecar::watch
