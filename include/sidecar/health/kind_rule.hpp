#pragma once

#include <cstdint>
#include <string_view>

#include "sidecar/base/json.hpp"

namespace sidecar::health {

/// Whether a document must say its kind. An item of a list has none: the list has it.
enum class kind_rule : std::uint8_t { required, optional };

/// PURE. `found` is the document's member "kind".
inline bool is_kind(const json::value& found, std::string_view wanted, kind_rule rule) {
  return found.type == json::value::kind::null ? rule == kind_rule::optional : found.text == wanted;
}

}  // namespace sidecar::health
