#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "sidecar/health/snapshot.hpp"
#include "sidecar/kube/pod_source.hpp"
#include "sidecar/kube/request.hpp"

namespace sidecar::kube {

/// A LIST of one name: a consistent read of that pod, or of its absence.
struct pod_list {
  health::pod_state pod;
  std::string resource_version;  ///< the list's own: a WATCH can begin from there, whatever the pod's age
};

/// Reads a v1.PodList that must be whole: with a resourceVersion, without a `continue`, with no item or just `wanted`.
/// A failure is api_protocol: an item of another name, say, comes from something that is no API server. Pure.
std::variant<pod_list, failure> read_pod_list(std::string_view json, const pod_name& wanted);

}  // namespace sidecar::kube
