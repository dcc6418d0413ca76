#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/health/pod.hpp"
#include "sidecar/health/snapshot.hpp"
#include "sidecar/health/verdict.hpp"

namespace sidecar::health {

/// What must be ready.
enum class requirement : std::uint8_t {
  containers,  ///< by their own statuses
  pod,         ///< by its condition Ready, which knows of readiness gates and of a lost node too
};

/// Whose readiness is asked for.
struct target {
  std::vector<std::string> containers{};  ///< all of these; empty: every one of the pod
  requirement require = requirement::containers;
  std::string bound_uid{};  ///< the uid our own pod must have; empty when the target is another pod or the uid unknown
};

// The names until everything is called by its new one.
using no_pod = absent_pod;
using pod_truth = pod_state;

/// Rows 3 and 5 to 12 of the verdict table (README, "Answers"); first match wins, but that a leaving pod's verdict
/// tells whether it would be healthy otherwise. Of several containers the one that most needs mending is told of.
/// Container names are compared exactly, then ASCII case-insensitively. Row 12 is the kubelet's own rule for the
/// ContainersReady condition: GenerateContainersReadyCondition in kubernetes/kubernetes pkg/kubelet/status/generate.go.
/// Where the kubelet trusts what the API server guarantees, we do not: a status counts only for a container of its own
/// list, a name with two statuses is ready only if both are, and a pod without containers is not ready.
verdict evaluate(const pod_truth& truth, const target& wanted);

/// The same of one container's own statuses; without a target, which would have to be allocated for each question.
verdict evaluate_container(const pod_truth& truth, std::string_view container, std::string_view bound_uid);

}  // namespace sidecar::health
