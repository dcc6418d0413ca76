#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "sidecar/health/verdict.hpp"
#include "sidecar/health/workload.hpp"
#include "sidecar/journal/log_line.hpp"

namespace sidecar::node {

/// PURE. The log lines of node mode: one for each workload whose answer has changed, by its pods as a whole.
class workload_log {
 public:
  explicit workload_log(health::unhealthy_statuses statuses) : statuses_(statuses) {}

  /// All pods that are known now, those of a workload side by side.
  std::vector<journal::log_line> note(std::span<const health::workload_pod> pods, bool is_node_leaving);

 private:
  struct entry {
    health::reason last;
    bool is_there = true;
  };

  journal::log_line describe(const std::string& workload, const health::workload_verdict& now) const;

  health::unhealthy_statuses statuses_;
  std::map<std::string, entry, std::less<>> workloads_;  ///< "demo/web"
};

}  // namespace sidecar::node
