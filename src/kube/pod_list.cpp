#include "sidecar/kube/pod_list.hpp"

#include <utility>

#include "sidecar/base/json_fields.hpp"
#include "sidecar/health/parse_pod.hpp"
#include "sidecar/kube/resource_version.hpp"

namespace sidecar::kube {

std::variant<pod_list, failure> read_pod_list(std::string_view json, const pod_name& wanted) {
  auto texts = json::read_unique_texts(
      json, {{"kind"}, {"apiVersion"}, {"metadata", "resourceVersion"}, {"metadata", "continue"}});
  if (!texts) return protocol_failure("the response is no list of pods: " + texts.error().message());
  if (texts->at(0) != "PodList" || texts->at(1) != "v1") return protocol_failure("the response is no list of pods");
  auto& version = texts->at(2);
  if (!is_resource_version(version)) return protocol_failure("a list of pods without a resourceVersion");
  if (!texts->at(3).empty()) return protocol_failure("an incomplete list of pods");
  auto items = health::parse_pod_items(json, "items", 1);
  if (!items) return protocol_failure("the list has no readable pod: " + items.error().message());
  if (items->empty()) return pod_list{health::absent_pod{version}, version};
  auto& pod = items->front();
  if (name_of(pod) != wanted) {
    return protocol_failure("listed " + to_string(wanted) + ", got " + to_string(name_of(pod)));
  }
  return pod_list{std::move(pod), std::move(version)};
}

}  // namespace sidecar::kube
