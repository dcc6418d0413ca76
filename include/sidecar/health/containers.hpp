#pragma once

#include <optional>
#include <string_view>

#include "sidecar/health/pod.hpp"

namespace sidecar::health {

/// Whether a pod's readiness depends on it: regular containers and native sidecars.
bool counts(const container& one) noexcept;

/// Ready, not ready, or no status yet. A name that occurs twice is ready if both say so; the API server promises no
/// uniqueness here, and not ready must not pass for ready.
std::optional<bool> readiness(const pod& subject, const container& one);

/// The container of that name, of whatever kind, or null. Compared exactly, then ASCII case-insensitively.
const container* find_container(const pod& subject, std::string_view name) noexcept;

}  // namespace sidecar::health
