#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sidecar/base/clock.hpp"
#include "sidecar/base/errc.hpp"
#include "sidecar/base/json.hpp"
#include "sidecar/health/kind_rule.hpp"

namespace sidecar::health {

/// The fields of a v1.Node that say whether it is leaving. Absent fields are empty or false.
struct node {
  std::string name;
  std::string resource_version{};
  bool deletion_requested = false;    ///< metadata.deletionTimestamp is present; never compared with a clock
  bool is_excluded = false;           ///< it has the label well_known::exclusion_label, whatever its value
  std::vector<std::string> taints{};  ///< the keys of spec.taints
};

/// The API server says that the node does not exist.
struct absent_node {
  std::string resource_version{};  ///< of the list in which it was absent; empty if unknown (a 404)
};

/// The node as the API server last described it.
using node_state = std::variant<absent_node, node>;

/// As `snapshot` is of a pod.
struct node_snapshot {
  node_state state;
  time_point observed;
};

/// PURE. Parses a v1.Node. A field that is read must have the type that Kubernetes gives it, and be there once: what
/// cannot be read must not look like a node that stays.
result<node> parse_node(std::string_view json);

/// PURE. The same for a node within a larger document, which `read_node_tree` has read.
result<node> read_node(const json::value& tree, kind_rule rule);

/// PURE. A document with nodes (a node, a list, an event of a watch), without the members that say nothing of leaving.
/// Errors: as json::read_tree.
result<json::value> read_node_tree(std::string_view json);

/// PURE. Why the node is leaving, for the log and the status page: "taint ToBeDeletedByClusterAutoscaler". Empty: it is
/// not. `taints`: the keys that count, NODE_DRAIN_TAINTS. A node that no longer exists has left. Cordon alone is no
/// reason: what an operator closes for new pods still serves with the old ones, and taking such nodes out of load
/// balancers has caused outages (kubernetes/kubernetes#65013, KEP-3836).
std::string drain_cause(const node_state& current, const std::vector<std::string>& taints);

}  // namespace sidecar::health
