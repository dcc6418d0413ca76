#pragma once

#include <string>

#include "sidecar/health/node.hpp"
#include "sidecar/kube/failure.hpp"
#include "sidecar/kube/node_name.hpp"
#include "sidecar/kube/response_parser.hpp"

/// PURE. What a response about a node means: classify.hpp has the same for a pod.
namespace sidecar::kube {

/// For the response to a GET. An incomplete body never means a node, nor an absent one.
outcome<health::node_state> classify_node(const api_response& response, const node_name& wanted);

/// A LIST of one name: a consistent read of that node, or of its absence.
struct one_node_list {
  health::node_state node;
  std::string resource_version;  ///< the list's, from which a WATCH can start
};

/// For the response to such a LIST: a complete v1.NodeList with no item or only that node. What else it has is ignored.
outcome<one_node_list> classify_node_list(const api_response& response, const node_name& wanted);

}  // namespace sidecar::kube
