#include "sidecar/health/node.hpp"

#include <algorithm>
#include <utility>

namespace sidecar::health {
namespace {

std::string cause_of(const node& subject, const std::vector<std::string>& taints) {
  if (subject.deletion_requested) return "its deletion was requested";
  for (const auto& key : subject.taints) {
    if (std::ranges::count(taints, key) > 0) return "taint " + key;
  }
  return subject.is_excluded ? "label " + std::string{exclusion_label} : std::string{};
}

}  // namespace

result<json::value> read_node_tree(std::string_view json) {
  return json::read_tree(json, {"managedFields", "annotations", "status"});
}

result<node> read_node(const json::value& tree) {
  const auto& metadata = tree["metadata"];
  const auto& kind = tree["kind"].text;
  if (!kind.empty() && kind != "Node") return errc::json_wrong_type;
  node made{.name = metadata["name"].text,
            .resource_version = metadata["resourceVersion"].text,
            .deletion_requested = !metadata["deletionTimestamp"].text.empty(),
            .is_excluded = std::ranges::count(metadata["labels"].keys, exclusion_label) > 0};
  if (made.name.empty()) return errc::json_wrong_type;
  for (const auto& taint : tree["spec"]["taints"].elements) made.taints.push_back(taint["key"].text);
  return made;
}

result<node> parse_node(std::string_view json) {
  const auto tree = read_node_tree(json);
  if (!tree) return tree.error();
  return read_node(*tree);
}

std::string drain_cause(const node_state& current, const std::vector<std::string>& taints) {
  const auto* subject = std::get_if<node>(&current);
  return subject == nullptr ? "it no longer exists" : cause_of(*subject, taints);
}

}  // namespace sidecar::health
