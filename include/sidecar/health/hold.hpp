#pragma once

#include <chrono>
#include <optional>

#include "sidecar/base/clock.hpp"
#include "sidecar/health/verdict.hpp"

namespace sidecar::health {

/// The hold rule: what to answer when the pod's state cannot be learned now. `last` is the verdict of the newest truth
/// (none before the first), `learned` the moment its GET started, `grace` how old it may be (0: never hold).
/// A held answer carries the truth's age in whole seconds, rounded down; without one the answer is `unknown` for
/// `failure`'s reason.
answer hold(reason failure, std::optional<verdict> last, time_point learned, time_point now,
            std::chrono::nanoseconds grace);

}  // namespace sidecar::health
