#pragma once

#include <optional>
#include <string_view>

#include "sidecar/health/pod.hpp"
#include "sidecar/kube/failure.hpp"
#include "sidecar/kube/node_scope.hpp"

/// PURE. Whether a pod is one of those that were requested. `what` was done with them, for the failure: "listed".
namespace sidecar::kube {

/// Why the pod cannot be one by its name, wherever it runs; empty: it can.
std::optional<failure> stray_name(std::string_view what, const health::pod& found, const node_scope& scope);

/// Why the pod is not one; empty: it is.
std::optional<failure> stray_pod(std::string_view what, const health::pod& found, const node_scope& scope);

}  // namespace sidecar::kube
