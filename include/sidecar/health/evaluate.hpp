#pragma once

#include <string>
#include <variant>

#include "sidecar/health/pod.hpp"
#include "sidecar/health/verdict.hpp"

namespace sidecar::health {

/// Whose readiness is asked for.
struct target {
  std::string container;  ///< empty: all of them
  std::string bound_uid;  ///< the uid our own pod must have; empty when the target is another pod or the uid unknown
};

/// The API server says that the pod does not exist.
struct no_pod {};

/// What the API server said of the pod.
using pod_truth = std::variant<no_pod, pod>;

/// Rows 3 and 5 to 10 of the verdict table (README, "Answers"); first match wins. Container names are compared exactly,
/// then ASCII case-insensitively. Row 10 is the kubelet's own rule for the ContainersReady condition:
/// GenerateContainersReadyCondition in kubernetes/kubernetes pkg/kubelet/status/generate.go. Where the kubelet trusts
/// what the API server guarantees, we do not: a status counts only for a container of its own list, a name with two
/// statuses is ready only if both are, and a pod without containers is not ready.
verdict evaluate(const pod_truth& truth, const target& wanted);

}  // namespace sidecar::health
