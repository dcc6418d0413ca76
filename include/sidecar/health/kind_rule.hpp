#pragma once

#include <cstdint>

namespace sidecar::health {

/// Whether a document must say its kind. An item of a list has none: the list has it.
enum class kind_rule : std::uint8_t { required, optional };

}  // namespace sidecar::health
