#pragma once

#include <string_view>

/// Names that Kubernetes gives (Kubernetes, "Well-Known Labels, Annotations and Taints").
namespace sidecar::well_known {

/// Takes a node out of the load balancers that Kubernetes manages, by its presence alone.
inline constexpr std::string_view exclusion_label = "node.kubernetes.io/exclude-from-external-load-balancers";

/// The taint that goes with cordon.
inline constexpr std::string_view cordon_taint = "node.kubernetes.io/unschedulable";

}  // namespace sidecar::well_known
