#pragma once

#include <string>

namespace sidecar::kube {

/// The name of a v1.Node that is read itself; node_scope is about its pods.
struct node_name {
  std::string text;

  friend bool operator==(const node_name&, const node_name&) = default;
};

}  // namespace sidecar::kube
