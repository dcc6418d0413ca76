#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/documents.hpp"

namespace sidecar::test {

/// @name What says of a node that it is leaving, and what does not.
/// @{
inline constexpr const char* exclude_label = "node.kubernetes.io/exclude-from-external-load-balancers";
inline constexpr const char* autoscaler_taint = "ToBeDeletedByClusterAutoscaler";
inline constexpr const char* karpenter_taint = "karpenter.sh/disrupted";
inline constexpr const char* cordon_taint = "node.kubernetes.io/unschedulable";
/// @}

struct node_spec {
  std::string name = "node-a";
  std::string uid = "4a331160-a999-4342-a0af-ae69adf73268";
  std::string created = "2026-11-29T03:17:51Z";
};

/// A node document, key for key in the order of the real server, with what a kubelet says in its status. A new one is
/// Ready and has no taints.
class node {
 public:
  using json = document_json;

  explicit node(const node_spec& spec = {});
  /// Any other document, e.g. one from a recording.
  explicit node(json document) : document_(std::move(document)) {}  // braces would make an array of it

  std::string text() const { return document_text(document_); }
  json& document() noexcept { return document_; }
  const json& document() const noexcept { return document_; }
  std::string name() const { return document_.at("metadata").at("name").get<std::string>(); }

  node& set_label(std::string_view key, std::string_view value);
  node& remove_label(std::string_view key);
  /// Adds the taint, or changes the one of that key and effect. An empty value leaves the field out.
  node& set_taint(std::string_view key, std::string_view value = {}, std::string_view effect = "NoSchedule");
  /// Of any effect.
  node& remove_taint(std::string_view key);
  /// As `kubectl cordon` and the node controller after it; `uncordon` takes both back.
  node& cordon();
  node& uncordon();
  /// Deleted; finalizers keep it there.
  node& terminate(std::string_view when = "2026-11-29T03:20:00Z");
  node& set_uid(std::string_view uid);

 private:
  json document_;
};

}  // namespace sidecar::test
