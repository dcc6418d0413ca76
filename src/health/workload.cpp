#include "sidecar/health/workload.hpp"

#include <algorithm>

#include "sidecar/base/ascii.hpp"

namespace sidecar::health {
namespace {

reason judged_container(const workload_pod& one, std::string_view container) noexcept {
  const auto& all = one.containers;
  const auto found = find_in_any_case(all, container, &workload_pod::container_verdict::name);
  return found == all.end() ? reason::no_such_container : found->judged;
}

std::size_t heap_bytes(const std::string& text) noexcept {
  static const std::size_t inside = std::string{}.capacity();  // a short text has no memory of its own
  return text.capacity() > inside ? text.capacity() + 1 : 0;
}

}  // namespace

workload_pod judge_workload_pod(const pod& subject, requirement require) {
  workload_pod made{.namespace_name = subject.namespace_name,
                    .workload = subject.workload,
                    .name = subject.name,
                    .version = subject.resource_version,
                    .judged = evaluate(subject, {.require = require}).reason};
  made.containers.reserve(subject.containers.size());
  for (const auto& one : subject.containers) {
    made.containers.push_back({one.name, evaluate_container(subject, one.name, {}).reason});
  }
  return made;
}

std::size_t kept_bytes(const workload_pod& one) noexcept {
  std::size_t sum = sizeof one + one.containers.capacity() * sizeof(workload_pod::container_verdict);
  for (const auto* text : {&one.namespace_name, &one.workload, &one.name, &one.version}) sum += heap_bytes(*text);
  for (const auto& container : one.containers) sum += heap_bytes(container.name);
  return sum;
}

std::span<const workload_pod> first_workload(std::span<const workload_pod> pods) noexcept {
  const auto is_of_another = [&](const workload_pod& one) {
    return one.workload != pods.front().workload || one.namespace_name != pods.front().namespace_name;
  };
  return {pods.begin(), std::ranges::find_if(pods, is_of_another)};
}

workload_verdict judge_workload(std::span<const workload_pod> pods, std::string_view container,
                                bool is_node_leaving) noexcept {
  workload_verdict found{reason::no_pod_on_node};
  for (const auto& one : pods) {
    const auto judged = container.empty() ? one.judged : judged_container(one, container);
    const bool is_ready = verdict_of(judged).state == state::healthy;
    if (is_ready) ++found.ready;
    if (found.why == reason::no_pod_on_node || nearness_of(judged) > nearness_of(found.why)) found.why = judged;
  }
  if (is_node_leaving) found.why = on_leaving_node(found.why);
  return found;
}

}  // namespace sidecar::health
