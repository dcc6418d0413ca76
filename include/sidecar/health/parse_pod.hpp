#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "sidecar/base/errc.hpp"
#include "sidecar/health/labels_read.hpp"
#include "sidecar/health/pod.hpp"

namespace sidecar::health {

/// The limit for containers of every kind plus their statuses. A pod has a few dozen at most; two bytes of a hostile
/// document are enough for an entry, and each container is compared with each status.
inline constexpr std::size_t max_pod_entries = 1'024;

/// The number of conditions that are kept for people; verdicts use every condition. A pod has six, and one for each
/// readiness gate.
inline constexpr std::size_t max_pod_conditions = 64;

/// The length, in bytes, that a condition's texts and a termination's reason are cut to: the longest type of a
/// condition.
inline constexpr std::size_t max_pod_text = 317;

/// Reads a v1.Pod as the API server serves it, in one pass and without a document tree. Never throws.
/// Errors: json_invalid, json_too_deep, json_duplicate_key (only on a path that is read), json_wrong_type (a null
/// counts as absent, as in the API server's own decoding), pod_not_a_pod, pod_too_many_entries.
result<pod> parse_pod(std::string_view json, labels_read labels = {});

/// The same for an item of a v1.PodList, which carries no kind.
result<pod> parse_pod_item(std::string_view json, labels_read labels = {});

/// The same for a v1.Pod that is the member `name` of an object, as in the events of a watch.
result<pod> parse_pod_member(std::string_view json, std::string_view name, labels_read labels = {});

/// The pods in the array that is the member `name` of an object, as in a v1.PodList, whose items carry no kind. Errors:
/// as above; json_wrong_type where there is no such array, list_too_long for more than `max_items`.
result<std::vector<pod>> parse_pod_items(std::string_view json, std::string_view name, std::size_t max_items,
                                         labels_read labels = {});

}  // namespace sidecar::health
