#pragma once

#include <string>

namespace sidecar::kube {

/// Node mode: which pods are listed and watched. They have the label that names their workload, too.
struct node_scope {
  std::string node;              ///< spec.nodeName; empty: this is not node mode
  std::string namespace_name{};  ///< empty: every namespace
};

}  // namespace sidecar::kube
