#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/health/evaluate.hpp"
#include "sidecar/health/pod.hpp"
#include "sidecar/health/verdict.hpp"

namespace sidecar::health {

/// A pod of a workload, as far as queries need it: judged once, however many queries it answers.
struct workload_pod {
  std::string namespace_name;
  std::string workload;  ///< the value of its label; empty: it belongs to none (any more)
  std::string name;
  std::string version;  ///< its resourceVersion
  reason judged;        ///< the verdict on the whole pod

  struct container_verdict {
    std::string name;
    reason judged;
  };
  std::vector<container_verdict> containers{};  ///< of every kind, since a path may name any
};

/// The limit for what is kept of one pod, in bytes: some 40 containers with long names. A usual pod takes 400.
inline constexpr std::size_t max_workload_pod = 4096;

/// The limit for the pods of a node: more than a kubelet runs, 110 by default, 250 and 500 on some platforms.
inline constexpr std::size_t max_workload_pods = 512;

/// PURE. Judges the pod by rows 6 to 12 of the verdict table. Row 5 is about the sidecar's own pod, and this is none.
workload_pod judge_workload_pod(const pod& subject, requirement require);

/// The memory that is kept for it, in bytes.
std::size_t kept_bytes(const workload_pod& one) noexcept;

/// The verdict on the pods of one workload.
struct workload_verdict {
  reason why;
  unsigned ready = 0;  ///< pods that are ready

  friend bool operator==(const workload_verdict&, const workload_verdict&) = default;
};

/// PURE. The pods at the front that belong to the first one's workload, where those of a workload stand side by side.
std::span<const workload_pod> first_workload(std::span<const workload_pod> pods) noexcept;

/// PURE. Healthy while at least one pod is: one ready pod serves. Otherwise the reason of the pod that is nearest to
/// ready, so that a pod that leaves while it is still ready makes it a drain. `container`: named by the path;
/// empty: the whole pod. Without pods: no_pod_on_node. Row 6a comes last (on_leaving_node). Allocates nothing.
workload_verdict judge_workload(std::span<const workload_pod> pods, std::string_view container,
                                bool is_node_leaving = false) noexcept;

}  // namespace sidecar::health
