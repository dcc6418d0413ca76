#pragma once

#include <cstdint>
#include <string_view>

#include "sidecar/health/snapshot.hpp"

namespace sidecar::kube {

/// True for a resourceVersion that may stand in a request's target: a positive decimal number of at most 64 bits, as
/// every API server makes them (Kubernetes API concepts, "Resource versions"). "0" would ask for whatever the API
/// server has cached, however old.
bool is_resource_version(std::string_view text) noexcept;

/// The resourceVersion of the pod, or the one at which it was absent; empty if that is unknown.
std::string_view version_of(const health::pod_state& state) noexcept;

/// How the first of two versions relates to the second.
enum class version_order : std::uint8_t { older, same, newer, unknown };

/// Decimal versions of one object are ordered as numbers (client-go compares them so since Kubernetes 1.35). Of any
/// others only equality is known; an empty one is unknown in relation to everything.
version_order compare_versions(std::string_view first, std::string_view second) noexcept;

/// The same of two states of one pod; a version is never both of a pod and of its absence, so that is unknown.
version_order compare_states(const health::pod_state& first, const health::pod_state& second) noexcept;

/// Both are of the same version, or both say that the pod is absent.
bool is_same_state(const health::pod_state& first, const health::pod_state& second) noexcept;

}  // namespace sidecar::kube
