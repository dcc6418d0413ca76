#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sidecar::health {

/// One entry of spec.containers, spec.initContainers or spec.ephemeralContainers.
struct container {
  enum class kind { regular, native_sidecar, init, ephemeral };

  std::string name;
  container::kind type = kind::regular;
};

/// One entry of status.containerStatuses or status.initContainerStatuses. Verdicts use the name and `ready`; the rest
/// is shown on the status page.
struct container_status {
  std::string name{};
  bool ready = false;
  bool started = false;            ///< its startup probe has succeeded, or it has none and runs
  std::int64_t restarts = 0;       ///< restartCount
  std::string last_termination{};  ///< lastState.terminated.reason: "OOMKilled"; empty if it has not ended before
};

/// One entry of status.conditions, for the status page. The members of `pod` say what verdicts use of conditions.
struct condition {
  std::string type{};
  std::string status{};  ///< "True", "False" or "Unknown"
  std::string reason{};
};

/// The fields of a v1.Pod that verdicts need and the status page shows. Absent fields are empty, 0 or false.
struct pod {
  std::string name;
  std::string namespace_name;
  std::string uid;
  std::string resource_version;
  std::string node_name;                   ///< spec.nodeName; empty before the pod is scheduled
  std::string workload;                    ///< the value of the label that names its workload, where it is read
  bool deletion_requested = false;         ///< metadata.deletionTimestamp is present; never compared with a clock
  std::optional<std::string> maintenance;  ///< the value of the maintenance label, if the pod has it
  std::string phase;
  std::vector<container> containers;            ///< of every kind, in document order
  std::vector<container_status> statuses;       ///< status.containerStatuses: regular containers
  std::vector<container_status> init_statuses;  ///< status.initContainerStatuses: init containers, native sidecars
  bool ready_is_true = false;                   ///< condition Ready is "True"; of several, each
  bool ready_is_false = false;                  ///< condition Ready is "False"
  std::string unready_reason;                   ///< the reason of a condition Ready that is not "True"
  bool containers_ready_is_true = false;        ///< condition ContainersReady is "True"
  bool terminated_by_kubelet = false;           ///< condition DisruptionTarget is "True", reason TerminationByKubelet
  bool all_containers_restarting = false;       ///< condition AllContainersRestarting is "True"
  std::vector<condition> conditions;            ///< in document order, the first `max_pod_conditions`
};

}  // namespace sidecar::health
