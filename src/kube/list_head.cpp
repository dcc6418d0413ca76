#include "sidecar/kube/list_head.hpp"

#include <algorithm>

#include "sidecar/base/member_reader.hpp"
#include "sidecar/kube/resource_version.hpp"

namespace sidecar::kube {

outcome<list_head> read_list_head(const result<json::value>& list, listed_kind wanted) {
  const bool is_of_pods = wanted == listed_kind::pods;
  const std::string what = is_of_pods ? "list of pods" : "list of nodes";
  const auto refused = [&what](boost::system::error_code why) {
    return protocol_failure("the response is no " + what + ": " + why.message());
  };
  if (!list) return refused(list.error());
  json::member_reader read;
  const auto& kind = read.unique(*list, "kind").text;
  const auto& api_version = read.unique(*list, "apiVersion").text;
  const auto& metadata = read.unique(*list, "metadata");
  const auto& version = read.unique(metadata, "resourceVersion").text;
  const auto& next = read.unique(metadata, "continue").text;
  if (read.error()) return refused(*read.error());
  if (kind != (is_of_pods ? "PodList" : "NodeList") || api_version != "v1") {
    return protocol_failure("the response is no " + what);
  }
  if (!is_resource_version(version)) return protocol_failure("a " + what + " without a resourceVersion");
  return list_head{version, next};
}

result<std::span<const json::value>> read_items(const json::value& list) {
  using kind = json::value::kind;
  json::member_reader read;
  const auto& items = read.unique(list, "items");
  if (read.error()) return *read.error();
  const bool is_list = items.type == kind::array &&
                       std::ranges::all_of(items.elements, [](const auto& one) { return one.type == kind::object; });
  if (!is_list) return errc::json_wrong_type;
  return items.elements;
}

bool has_items_alone(const json::value& list) {
  const auto arrays = std::ranges::count(list.elements, json::value::kind::array, &json::value::type);
  return read_items(list) && arrays == 1;
}

}  // namespace sidecar::kube
