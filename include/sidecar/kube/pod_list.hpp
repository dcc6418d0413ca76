#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "sidecar/health/snapshot.hpp"
#include "sidecar/kube/pod_name.hpp"
#include "sidecar/kube/pod_source.hpp"

namespace sidecar::kube {

/// A LIST of one name: a consistent read of that pod, or of its absence.
struct pod_list {
  health::pod_state pod;
  std::string resource_version;  ///< the list's, from which a WATCH can start, however old the pod's is
};

/// PURE. Reads a complete v1.PodList: with a resourceVersion, without `continue`, with no item or only `wanted`.
/// Anything else is api_protocol, for instance an item of another name.
std::variant<pod_list, failure> read_pod_list(std::string_view json, const pod_name& wanted);

}  // namespace sidecar::kube
