#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sidecar::health {

/// Whether a document must say its kind. An item of a list has none: the list has it.
enum class kind_rule : std::uint8_t { required, optional };

/// PURE. `found`: the kind that the document says; empty: none.
inline bool is_kind(const std::optional<std::string>& found, std::string_view wanted, kind_rule rule) {
  return found ? *found == wanted : rule == kind_rule::optional;
}

}  // namespace sidecar::health
