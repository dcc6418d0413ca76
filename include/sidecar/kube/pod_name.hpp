#pragma once

#include <string>

#include "sidecar/health/pod.hpp"

namespace sidecar::kube {

/// A pod's namespace and name, both DNS-1123 names: in a URL they need no encoding.
struct pod_name {
  std::string namespace_name;
  std::string name;

  friend bool operator==(const pod_name&, const pod_name&) = default;
};

/// The name in a pod's document.
inline pod_name name_of(const health::pod& pod) { return {pod.namespace_name, pod.name}; }

/// "demo/game-0", as kubectl users write it in prose.
inline std::string to_string(const pod_name& pod) { return pod.namespace_name + '/' + pod.name; }

}  // namespace sidecar::kube
