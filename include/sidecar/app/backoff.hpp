#pragma once

#include <algorithm>
#include <chrono>

namespace sidecar::app {

/// `first`, doubled after each failure, at most `max`. Pure.
constexpr std::chrono::nanoseconds doubled(std::chrono::nanoseconds first, int failures, std::chrono::nanoseconds max) {
  constexpr int max_doublings = 20;
  return std::min(first * (1U << std::clamp(failures, 0, max_doublings)), max);
}

/// The point between `low` and `high` that `fraction`, from 0 to below 1, says. Full jitter, so that a fleet that lost
/// its API server together does not come back together, is one from 0.
constexpr std::chrono::nanoseconds between(std::chrono::nanoseconds low, std::chrono::nanoseconds high,
                                           double fraction) {
  return low + std::chrono::duration_cast<std::chrono::nanoseconds>((high - low) * fraction);
}

}  // namespace sidecar::app
