#include "sidecar/node/workload_log.hpp"

#include <utility>

namespace sidecar::node {

using health::reason;

std::vector<journal::log_line> workload_log::note(std::span<const health::workload_pod> pods, bool is_node_leaving) {
  std::vector<journal::log_line> lines;
  for (auto& [name, one] : workloads_) one.is_there = false;
  while (!pods.empty()) {
    const auto its_pods = health::first_workload(pods);
    const auto judged = health::judge_workload(its_pods, {}, is_node_leaving);
    auto name = pods.front().namespace_name + '/' + pods.front().workload;
    pods = pods.subspan(its_pods.size());
    auto& [workload, known] = *workloads_.try_emplace(std::move(name), entry{reason::no_pod_on_node}).first;
    known.is_there = true;
    if (std::exchange(known.last, judged.why) != judged.why) lines.push_back(describe(workload, judged));
  }
  for (const auto& [name, one] : workloads_) {
    if (!one.is_there) lines.push_back(describe(name, {reason::no_pod_on_node}));
  }
  std::erase_if(workloads_, [](const auto& one) { return !one.second.is_there; });
  return lines;
}

journal::log_line workload_log::describe(const std::string& workload, const health::workload_verdict& now) const {
  const auto verdict = health::verdict_of(now.why);
  const bool is_healthy = verdict.state == health::state::healthy;
  auto text = "answering " + std::to_string(status_of(verdict, statuses_)) + " for workload " + workload + ": " +
              health::meaning_and_advice(now.why);
  return {is_healthy ? log::level::info : log::level::warn,
          std::move(text),
          {{"reason", std::string{name(now.why)}}, {"workload", workload}, {"ready", std::to_string(now.ready)}}};
}

}  // namespace sidecar::node
