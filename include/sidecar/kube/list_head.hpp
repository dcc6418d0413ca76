#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "sidecar/base/errc.hpp"
#include "sidecar/base/json.hpp"
#include "sidecar/kube/failure.hpp"

/// PURE. The parts of a list, of which a tree has been read.
namespace sidecar::kube {

struct list_head {
  std::string version;  ///< the list's resourceVersion, from which a WATCH can start
  std::string next;     ///< `continue`, the parameter of the request for the next page; empty: there is none
};

enum class listed_kind : std::uint8_t { pods, nodes };  ///< v1.PodList, v1.NodeList

/// What a list says besides its items. Any other document is api_protocol, as are one of which there is no tree, and a
/// list without a resourceVersion. The items are not looked at.
outcome<list_head> read_list_head(const result<json::value>& list, listed_kind wanted = listed_kind::pods);

/// Errors: json_wrong_type unless `items` is an array of objects; json_duplicate_key.
result<std::span<const json::value>> read_items(const json::value& list);

/// True if `items` can be read, and no other member of the document is an array. `list` has every member.
bool has_items_alone(const json::value& list);

}  // namespace sidecar::kube
