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
  pod,         ///< by its condition Ready, which includes readiness gates and a lost node
};

/// The pod or containers whose readiness is evaluated.
struct target {
  std::vector<std::string> containers{};  ///< all of these must be ready; empty: every container of the pod
  requirement require = requirement::containers;
  std::string bound_uid{};   ///< the uid that our own pod must have; empty for another pod or an unknown uid
  std::string node_drain{};  ///< why the pod's node is leaving (drain_cause); empty: it is not, or that is unknown
};

/// PURE. Rows 3 and 5 to 12 of the verdict table (README, "Answers"); the first match wins, except that the
/// verdict on a pod that terminates, whose node is leaving, or that is under maintenance, also says whether the pod
/// would be healthy otherwise. Of several unready containers the most severe reason is returned. Container names are
/// compared exactly, then ASCII case-insensitively. Row 12 is the kubelet's rule for the condition ContainersReady:
/// GenerateContainersReadyCondition in kubernetes/kubernetes pkg/kubelet/status/generate.go. It is stricter where the
/// kubelet relies on the API server's validation: a status counts only for a container of its own list, a name with two
/// statuses is ready only if both are, and a pod without containers is not ready.
verdict evaluate(const pod_state& current, const target& wanted);

/// The same for one container, by its statuses; allocates no target.
verdict evaluate_container(const pod_state& current, std::string_view container, std::string_view bound_uid,
                           bool is_node_leaving = false);

/// Row 6a alone: what becomes of a verdict's reason when the node is leaving. A pod that is not there, or is deleted,
/// stays that; whatever else was ready is a drain.
reason on_leaving_node(reason judged) noexcept;

}  // namespace sidecar::health
