#include "sidecar/kube/stray_pod.hpp"

#include <string>

#include "sidecar/kube/pod_name.hpp"

namespace sidecar::kube {
namespace {

failure stray_failure(std::string_view what, const node_scope& scope, const std::string& got) {
  auto text = std::string{what} + " the pods of " + scope.node;
  if (!scope.namespace_name.empty()) text.append(" in ").append(scope.namespace_name);
  return protocol_failure(text.append(", got ").append(got));
}

}  // namespace

std::optional<failure> stray_name(std::string_view what, const health::pod& found, const node_scope& scope) {
  if (found.name.empty() || found.namespace_name.empty()) return stray_failure(what, scope, "one without a name");
  const bool is_outside = !scope.namespace_name.empty() && found.namespace_name != scope.namespace_name;
  if (is_outside) return stray_failure(what, scope, to_string(name_of(found)));
  return std::nullopt;
}

std::optional<failure> stray_pod(std::string_view what, const health::pod& found, const node_scope& scope) {
  if (auto stray = stray_name(what, found, scope)) return stray;
  if (found.node_name == scope.node) return std::nullopt;
  return stray_failure(what, scope, to_string(name_of(found)) + " of the node '" + found.node_name + '\'');
}

}  // namespace sidecar::kube
