#include "sidecar/kube/classify_node.hpp"

#include <utility>

#include "sidecar/kube/classify.hpp"
#include "sidecar/kube/list_head.hpp"

namespace sidecar::kube {
namespace {

failure wrong_node(const node_name& wanted, const health::node& got) {
  return protocol_failure("requested the node " + wanted.text + ", got " + got.name);
}

}  // namespace

outcome<health::node_state> classify_node(const api_response& response, const node_name& wanted) {
  if (response.status == 404) {
    if (auto problem = not_absent(response, wanted.text, "nodes", "the node " + wanted.text)) {
      return std::move(*problem);
    }
    return health::node_state{health::absent_node{}};
  }
  if (auto refused = unusable(response)) return std::move(*refused);
  auto found = health::parse_node(response.body);
  if (!found) return protocol_failure("the response is no node: " + found.error().message());
  if (found->name != wanted.text) return wrong_node(wanted, *found);
  return health::node_state{std::move(*found)};
}

outcome<one_node_list> classify_node_list(const api_response& response, const node_name& wanted) {
  if (auto refused = unusable(response)) return std::move(*refused);
  const auto list = health::read_node_tree(response.body);
  auto head = read_list_head(list, listed_kind::nodes);
  if (!head) return head.error();
  auto& [version, next] = *head;
  if (!next.empty()) return protocol_failure("an incomplete list of nodes");
  const auto items = read_items(*list);
  if (!items) return protocol_failure("the response is no list of nodes: " + items.error().message());
  if (items->empty()) return one_node_list{health::absent_node{version}, version};
  if (items->size() > 1) return protocol_failure("listed the node " + wanted.text + ", got several");
  auto found = health::read_node(items->front(), health::kind_rule::optional);
  if (!found) return protocol_failure("the list has no readable node: " + found.error().message());
  if (found->name != wanted.text) return wrong_node(wanted, *found);
  return one_node_list{std::move(*found), std::move(version)};
}

}  // namespace sidecar::kube
