#pragma once

#include <string>

#include "sidecar/health/evaluate.hpp"

namespace sidecar::health {

/// PURE. What in the pod led to `found`, for the log: which target containers are not ready or have no status, why the
/// condition Ready is not true, which names the pod has if a target's is missing. Empty if the reason alone suffices.
std::string explain(const pod_state& current, const target& wanted, const verdict& found);

}  // namespace sidecar::health
