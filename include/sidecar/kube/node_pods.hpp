#pragma once

#include <string>
#include <vector>

#include "sidecar/base/clock.hpp"
#include "sidecar/health/workload.hpp"

namespace sidecar::kube {

/// The pods of one node that belong to workloads, complete.
struct node_pods {
  std::vector<health::workload_pod> pods{};
  time_point observed{};  ///< every pod's state is at least as new as this
  std::string version{};  ///< the list's: a WATCH can start from it
};

}  // namespace sidecar::kube
