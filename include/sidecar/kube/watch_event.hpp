#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sidecar/health/labels_read.hpp"
#include "sidecar/health/node.hpp"
#include "sidecar/health/pod.hpp"
#include "sidecar/health/snapshot.hpp"
#include "sidecar/kube/failure.hpp"
#include "sidecar/kube/node_name.hpp"
#include "sidecar/kube/node_scope.hpp"
#include "sidecar/kube/pod_name.hpp"

namespace sidecar::kube {

/// One line of a watch (Kubernetes API concepts, "Efficient detection of changes").
struct watch_event {
  enum class type : std::uint8_t {
    changed,   ///< ADDED, MODIFIED: the pod is `subject` now
    deleted,   ///< the pod is gone
    bookmark,  ///< every event up to `resource_version` has been delivered
    error,     ///< the watch is over
    unknown,   ///< a type of a future Kubernetes; ignored
  };

  type what = type::unknown;
  health::pod subject{};           ///< of a change; of a deletion, on a node's watch, the last state
  health::node node{};             ///< of a change, on a watch of the node itself
  std::string resource_version{};  ///< of a change, a deletion, a bookmark: the next watch can start from it
  std::string detail{};            ///< of an error: for the log; foreign text
  bool is_expired = false;         ///< of an error: the version to start from is too old (410)
};

/// The pod's state after a change or a deletion; that of a node likewise. Pure.
inline health::pod_state state_after(const watch_event& event) {
  if (event.what == watch_event::type::deleted) return health::absent_pod{event.resource_version};
  return event.subject;
}
inline health::node_state node_after(const watch_event& event) {
  if (event.what == watch_event::type::deleted) return health::absent_node{event.resource_version};
  return event.node;
}

/// PURE. Reads one line, without its line end, of a watch on `wanted`. Never throws. After a failure (api_protocol) the
/// rest of the watch must not be used: no JSON, no event, a duplicate key, another pod, a bookmark without version.
outcome<watch_event> read_watch_event(std::string_view line, const pod_name& wanted, health::labels_read labels = {});

/// PURE. The same for a watch on the pods of a node. A change of another node's pod is a failure, a deletion is not: a
/// pod that has left the selection is deleted, whatever its state says. `workload` is empty for a pod that has lost its
/// label.
outcome<watch_event> read_watch_event(std::string_view line, const node_scope& wanted, health::labels_read labels);

/// PURE. The same for a watch on the node itself.
outcome<watch_event> read_watch_event(std::string_view line, const node_name& wanted);

}  // namespace sidecar::kube
