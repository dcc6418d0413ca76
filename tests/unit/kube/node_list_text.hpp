#pragma once

#include <string>
#include <vector>

namespace sidecar::kube {

/// A pod of a workload as an item of a list: ready, on node-a, in demo, of the workload web.
struct item_text {
  std::string name = "web-0";
  std::string namespace_name = "demo";
  std::string node = "node-a";
  std::string labels = R"({"health-sidecar/name":"web"})";
  std::string annotation{};
  std::string containers = R"([{"name":"web"}])";

  std::string json() const {
    return R"({"metadata":{"name":")" + name + R"(","namespace":")" + namespace_name +
           R"(","resourceVersion":"7","labels":)" + labels + R"(,"annotations":{"a":")" + annotation +
           R"("}},"spec":{"nodeName":")" + node + R"(","containers":)" + containers +
           R"(},"status":{"phase":"Running","containerStatuses":[{"name":"web","ready":true}]}})";
  }
};

/// So many different pods, separated by commas.
inline std::string items(std::size_t count, const std::string& annotation = {}) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    if (i > 0) text += ',';
    text += item_text{.name = "web-" + std::to_string(i), .annotation = annotation}.json();
  }
  return text;
}

/// A list, or a page of one if it has a `next` token.
inline std::string node_list_text(const std::string& items, const std::string& version = "243",
                                  const std::string& next = {}) {
  const auto token = next.empty() ? std::string{} : R"(,"continue":")" + next + '"';
  return R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":")" + version + '"' + token +
         R"(},"items":[)" + items + "]}";
}

}  // namespace sidecar::kube
