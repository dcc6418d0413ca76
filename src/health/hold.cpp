#include "sidecar/health/hold.hpp"

#include <algorithm>

namespace sidecar::health {

answer hold(reason failure, std::optional<verdict> last, time_point learned, time_point now,
            std::chrono::nanoseconds grace) {
  constexpr std::chrono::nanoseconds none{0};
  if (!last || grace <= none) return {verdict_of(failure)};
  const auto age = std::max(now - learned, none);
  if (age > grace) return {verdict_of(failure)};
  return {*last, std::chrono::floor<std::chrono::seconds>(age)};
}

}  // namespace sidecar::health
