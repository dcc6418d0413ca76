#pragma once

#include <optional>
#include <string_view>

#include "sidecar/health/pod.hpp"

namespace sidecar::health {

/// Whether the pod's readiness depends on the container: true for regular containers and native sidecars.
bool counts(const container& one) noexcept;

/// Ready, not ready, or (empty) no status yet. The API server does not guarantee unique names among statuses: a name
/// that occurs twice is ready only if both statuses are.
std::optional<bool> readiness(const pod& subject, const container& one);

/// The container of any kind with that name, or null. Compared exactly, then ASCII case-insensitively.
const container* find_container(const pod& subject, std::string_view name) noexcept;

}  // namespace sidecar::health
