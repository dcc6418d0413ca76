#include "sidecar/kube/rate_limiter.hpp"

#include <algorithm>

namespace sidecar::kube {

rate_limiter::rate_limiter(double calls_per_second)
    : gap_(calls_per_second > 0 ? std::chrono::duration_cast<std::chrono::nanoseconds>(
                                      std::chrono::duration<double>(1 / calls_per_second))
                                : std::chrono::nanoseconds::zero()) {}

std::chrono::nanoseconds rate_limiter::wait(time_point now) const {
  if (!last_) return std::chrono::nanoseconds::zero();
  return std::max(std::chrono::nanoseconds::zero(), std::chrono::nanoseconds{*last_ + gap_ - now});
}

}  // namespace sidecar::kube
