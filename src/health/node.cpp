#include "sidecar/health/node.hpp"

#include <algorithm>
#include <optional>

#include "sidecar/base/well_known.hpp"

namespace sidecar::health {
namespace {

using kind = json::value::kind;

/// Reads members of objects and keeps the first problem.
struct member_reader {
  const json::value& check(const json::value& one, kind expected) {
    if (one.type != expected) refuse(errc::json_wrong_type);
    return one;
  }

  /// The member of that name; null, or none, counts as absent.
  const json::value& member(const json::value& object, std::string_view name, kind expected) {
    const auto& found = object[name];
    if (std::ranges::count(object.keys, name) > 1) refuse(errc::json_duplicate_key);
    return found.type == kind::null ? found : check(found, expected);
  }

  std::optional<errc> problem;

 private:
  void refuse(errc why) {
    if (!problem) problem = why;
  }
};

std::string cause_of(const node& subject, const std::vector<std::string>& taints) {
  if (subject.deletion_requested) return "its deletion was requested";
  for (const auto& key : subject.taints) {
    if (std::ranges::count(taints, key) > 0) return "taint " + key;
  }
  return subject.is_excluded ? "label " + std::string{well_known::exclusion_label} : std::string{};
}

}  // namespace

result<json::value> read_node_tree(std::string_view json) {
  return json::read_tree(json, {"managedFields", "annotations", "status"});
}

result<node> read_node(const json::value& tree, kind_rule rule) {
  member_reader read;
  const auto& object = read.check(tree, kind::object);
  const auto& type = read.member(object, "kind", kind::text);
  const auto& metadata = read.member(object, "metadata", kind::object);
  node made{.name = read.member(metadata, "name", kind::text).text,
            .resource_version = read.member(metadata, "resourceVersion", kind::text).text,
            .deletion_requested = read.member(metadata, "deletionTimestamp", kind::text).type == kind::text,
            .is_excluded = std::ranges::count(read.member(metadata, "labels", kind::object).keys,
                                              well_known::exclusion_label) > 0};
  for (const auto& taint : read.member(read.member(object, "spec", kind::object), "taints", kind::array).elements) {
    made.taints.push_back(read.member(read.check(taint, kind::object), "key", kind::text).text);
  }
  const bool is_node = type.text == "Node" || (type.type == kind::null && rule == kind_rule::optional);
  if (read.problem) return *read.problem;
  if (!is_node || made.name.empty()) return errc::node_not_a_node;
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
