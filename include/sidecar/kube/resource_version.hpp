#pragma once

#include <cstdint>
#include <string_view>

#include "sidecar/health/node.hpp"
#include "sidecar/health/snapshot.hpp"

namespace sidecar::kube {

/// True for a resourceVersion that may be sent in a request: a positive decimal number of at most 64 bits, as every API
/// server makes them (Kubernetes API concepts, "Resource versions"). "0" would request any cached state, however old.
bool is_resource_version(std::string_view text) noexcept;

/// The order of the first of two versions relative to the second.
enum class version_order : std::uint8_t { older, same, newer, unknown };

/// Decimal versions of one object are ordered as numbers (client-go compares them so since Kubernetes 1.35). Of any
/// others only equality is known; an empty version has no order.
version_order compare_versions(std::string_view first, std::string_view second) noexcept;

/// The same for two states of one pod or node. One version cannot be that of an object and of its absence: unknown.
version_order compare_states(const health::pod_state& first, const health::pod_state& second) noexcept;
version_order compare_states(const health::node_state& first, const health::node_state& second) noexcept;

/// True if both have the same version, or both are absent.
bool is_same_state(const health::pod_state& first, const health::pod_state& second) noexcept;
bool is_same_state(const health::node_state& first, const health::node_state& second) noexcept;

}  // namespace sidecar::kube
