#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sidecar/kube/failure.hpp"

/// PURE. What a list says besides its items.
namespace sidecar::kube {

struct list_head {
  std::string version;  ///< the list's resourceVersion, from which a WATCH can start
  std::string next;     ///< `continue`, which asks for the next page; empty: there is none
};

enum class listed_kind : std::uint8_t { pods, nodes };  ///< v1.PodList, v1.NodeList

/// Any other document is api_protocol, as is a list without a resourceVersion. The items are not looked at.
outcome<list_head> read_list_head(std::string_view json, listed_kind wanted = listed_kind::pods);

/// True if `items` is an array of objects, and no other member of the document is an array.
bool has_items_alone(std::string_view json);

}  // namespace sidecar::kube
