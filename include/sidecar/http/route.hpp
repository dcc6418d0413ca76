#pragma once

#include <cstdint>
#include <string_view>

#include "sidecar/http/request.hpp"

namespace sidecar::http {

enum class route : std::uint8_t { health, livez, not_found, method_not_allowed };

/// A request's route, and the container of `/healthz/<container>` (a view into the target); empty for other paths.
struct destination {
  http::route route;
  std::string_view container{};

  friend bool operator==(const destination&, const destination&) = default;
};

/// PURE. The path without its query is compared byte for byte, never decoded or normalized: `/healthz/../livez` and
/// `/%68ealthz` are not found. A container's name is one path segment of any bytes, cut after 64; evaluate() decides
/// whether the pod has it.
destination route_of(method requested, std::string_view target) noexcept;

}  // namespace sidecar::http
