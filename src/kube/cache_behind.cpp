#include "sidecar/kube/cache_behind.hpp"

#include <algorithm>

#include "sidecar/base/member_reader.hpp"

namespace sidecar::kube {

bool is_cache_behind(const api_response& response) {
  if (response.status != 504 || !response.is_whole()) return false;
  const auto status = json::read_tree(response.body, json::only({"kind", "details", "causes", "reason"}));
  if (!status || (*status)["kind"].text != "Status") return false;
  json::member_reader read;
  const auto& details = read.unique(*status, "details");
  if (read.error()) return false;
  return std::ranges::any_of(details["causes"].elements,
                             [](const auto& cause) { return cause["reason"].text == "ResourceVersionTooLarge"; });
}

}  // namespace sidecar::kube
