#pragma once

#include <cstddef>
#include <string_view>

#include "sidecar/base/errc.hpp"
#include "sidecar/base/json.hpp"
#include "sidecar/health/kind_rule.hpp"
#include "sidecar/health/labels_read.hpp"
#include "sidecar/health/pod.hpp"

namespace sidecar::health {

/// The limit for containers of every kind plus their statuses. A pod has a few dozen at most, and each container is
/// compared with each status.
inline constexpr std::size_t max_pod_entries = 1'024;

/// The number of conditions that are kept for the status page; verdicts use every condition. A pod has six, and one for
/// each readiness gate.
inline constexpr std::size_t max_pod_conditions = 64;

/// The length, in bytes, that a condition's texts and a termination's reason are cut to: the longest type of a
/// condition.
inline constexpr std::size_t max_pod_text = 317;

/// PURE. Parses a v1.Pod as the API server serves it. Errors: as json::read_tree and `read_pod`.
result<pod> parse_pod(std::string_view json, labels_read labels = {});

/// PURE. The same for an item of a v1.PodList, which carries no kind.
result<pod> parse_pod_item(std::string_view json, labels_read labels = {});

/// PURE. The pod in a larger document, of which `read_pod_tree` has read a tree for the same labels, or which has every
/// member that it keeps. Errors: as json::member_reader, for what is read only; pod_not_a_pod, which is judged first;
/// pod_too_many_entries.
result<pod> read_pod(const json::value& tree, kind_rule rule, labels_read labels = {});

/// PURE. A document with pods (a pod, a list, an event of a watch), without the members that no answer needs. Errors:
/// as json::read_tree.
result<json::value> read_pod_tree(std::string_view json, labels_read labels = {});

}  // namespace sidecar::health
