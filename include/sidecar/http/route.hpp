#pragma once

#include <cstdint>
#include <string_view>

#include "sidecar/http/request.hpp"

namespace sidecar::http {

enum class route : std::uint8_t { health, livez, not_found, method_not_allowed };

/// Where a request goes. The path is compared byte for byte once the query is off, and never decoded or normalized:
/// `/healthz/../livez` and `/%68ealthz` are paths nobody serves.
route route_of(method asked, std::string_view target) noexcept;

}  // namespace sidecar::http
