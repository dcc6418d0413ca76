#include <string>
#include <string_view>
#include <utility>

#include "sidecar/base/ascii.hpp"
#include "sidecar/base/text_list.hpp"
#include "sidecar/base/well_known.hpp"
#include "sidecar/config/load.hpp"
#include "sidecar/config/option_readers.hpp"

namespace sidecar::config {

std::string read_node_name(std::string_view value, config& settings) {
  if (!is_dns1123_subdomain(value)) {
    return "write the node's name as kubectl shows it, such as node-a: at most 253 lower-case letters, digits, '-' and "
           "'.' (downward API: fieldPath spec.nodeName)";
  }
  settings.node_name = value;
  return {};
}

std::string read_node_drain_taints(std::string_view value, config& settings) {
  settings.node_drain_taints.clear();
  if (value == "none") return {};
  for (auto& key : split_list(value)) {
    if (!is_label_key(key)) {
      return "write the keys of taints, without values and effects, as in a.example/gone,spot: each a DNS name and a "
             "slash, or neither, then at most 63 letters, digits, '-', '_' and '.'; none: no taint counts";
    }
    if (const auto lower = to_lower(key); lower == "none" || lower == "false") {
      return "none stands alone, in lower case: no taint counts";
    }
    if (key == well_known::exclusion_label) return "this is a label, which always counts: leave it out";
    if (key == well_known::cordon_taint) {
      return "a cordoned node still serves, and taking it out of load balancers has caused outages "
             "(kubernetes/kubernetes#65013): leave " +
             key + " out; to take a node out, label it " + std::string{well_known::exclusion_label};
    }
    settings.node_drain_taints.push_back(std::move(key));
  }
  return {};
}

}  // namespace sidecar::config
