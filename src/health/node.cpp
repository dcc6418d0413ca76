#include "sidecar/health/node.hpp"

#include <algorithm>

#include "sidecar/base/member_reader.hpp"
#include "sidecar/base/well_known.hpp"

namespace sidecar::health {
namespace {

std::string cause_of(const node& subject, const std::vector<std::string>& taints) {
  if (subject.deletion_requested) return "its deletion was requested";
  for (const auto& key : subject.taints) {
    if (std::ranges::count(taints, key) > 0) return "taint " + key;
  }
  return subject.is_excluded ? "label " + std::string{well_known::exclusion_label} : std::string{};
}

}  // namespace

// A name that is missing here is read as absent.
result<json::value> read_node_tree(std::string_view json) {
  return json::read_tree(json, json::only({// Of a list, and of an event with its Status.
                                           "apiVersion", "items", "continue", "type", "object", "reason", "message",
                                           // Of a node.
                                           "kind", "metadata", "name", "resourceVersion", "deletionTimestamp", "labels",
                                           well_known::exclusion_label, "spec", "taints", "key"}));
}

result<node> read_node(const json::value& tree, kind_rule rule) {
  json::member_reader read;
  const auto kind = read.optional_text(tree, "kind");
  const auto& metadata = read.object(tree, "metadata");
  node made{.name = read.text(metadata, "name"),
            .resource_version = read.text(metadata, "resourceVersion"),
            .deletion_requested = read.optional_text(metadata, "deletionTimestamp").has_value(),
            .is_excluded = std::ranges::count(read.object(metadata, "labels").keys, well_known::exclusion_label) > 0};
  for (const auto& taint : read.list(read.object(tree, "spec"), "taints")) {
    // No empty taint, unlike in a pod's lists: what cannot be read must not look like a node that stays.
    if (taint.type == json::value::kind::null) return errc::json_wrong_type;
    made.taints.push_back(read.text(taint, "key"));
  }
  if (read.error()) return *read.error();
  if (!is_kind(kind, "Node", rule) || made.name.empty()) return errc::node_not_a_node;
  return made;
}

result<node> parse_node(std::string_view json) {
  const auto tree = read_node_tree(json);
  if (!tree) return tree.error();
  return read_node(*tree, kind_rule::required);
}

std::string drain_cause(const node_state& current, const std::vector<std::string>& taints) {
  const auto* subject = std::get_if<node>(&current);
  return subject == nullptr ? "it no longer exists" : cause_of(*subject, taints);
}

}  // namespace sidecar::health
