#pragma once

#include <cstdint>
#include <string_view>

#include "sidecar/http/request.hpp"

namespace sidecar::http {

enum class route : std::uint8_t { health, livez, not_found, method_not_allowed };

/// Where a request goes, and for which container `/healthz/<container>` asks; empty elsewhere. A view into the target.
struct destination {
  http::route route;
  std::string_view container{};

  friend bool operator==(const destination&, const destination&) = default;
};

/// The path is compared byte for byte once the query is off, and never decoded or normalized:
/// `/healthz/../livez` and `/%68ealthz` are paths nobody serves. What stands for a container's name is
/// one path segment, whatever is in it, cut after 64 bytes: that no container can be called so is the evaluator's to
/// say.
destination route_of(method asked, std::string_view target) noexcept;

}  // namespace sidecar::http
