#pragma once

#include <string_view>

namespace sidecar::test {

/// What the stand-in has objects of. Nodes have no namespace: theirs is empty.
enum class resource_kind { pods, nodes };

inline constexpr resource_kind resource_kinds[] = {resource_kind::pods, resource_kind::nodes};

/// How the API writes it.
struct resource_words {
  std::string_view plural;
  std::string_view kind;
  std::string_view bookmark;  ///< what a bookmark's object has behind its metadata
};

constexpr resource_words words_of(resource_kind kind) noexcept {
  if (kind == resource_kind::pods) return {"pods", "Pod", R"("spec":{"containers":null},"status":{})"};
  return {"nodes", "Node",
          R"("spec":{},"status":{"daemonEndpoints":{"kubeletEndpoint":{"Port":0}},"nodeInfo":{"machineID":"",)"
          R"("systemUUID":"","bootID":"","kernelVersion":"","osImage":"","containerRuntimeVersion":"",)"
          R"("kubeletVersion":"","kubeProxyVersion":"","operatingSystem":"","architecture":""}})"};
}

}  // namespace sidecar::test
