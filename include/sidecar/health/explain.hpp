#pragma once

#include <string>

#include "sidecar/health/evaluate.hpp"

namespace sidecar::health {

/// What in the pod led to `found`, for the log: which of the containers asked for are not ready or have no status, why
/// the condition Ready is not true, which names there are instead of those asked for. Empty where the reason says it
/// all. Pure.
std::string explain(const pod_truth& truth, const target& wanted, const verdict& found);

}  // namespace sidecar::health
