#pragma once

#include <cstdint>
#include <string_view>

#include "sidecar/config/config.hpp"
#include "sidecar/http/request.hpp"

namespace sidecar::http {

enum class route : std::uint8_t { health, livez, not_found, method_not_allowed };

/// A request's route, and what a health path names (a view into the target): of a pod the container in
/// `/healthz/<container>`; of a node "namespace/workload" or "namespace/workload/container", or "nodez" for the agent
/// itself. Empty for other health paths.
struct destination {
  http::route route;
  std::string_view named{};

  friend bool operator==(const destination&, const destination&) = default;
};

/// PURE. The path without its query is compared byte for byte, never decoded or normalized: `/healthz/../livez` and
/// `/%68ealthz` are not found. A container's name is one path segment of any bytes, cut after 64; evaluate() decides
/// whether the pod has it. Likewise the two or three segments of a node's path. There a health path that names no
/// workload is still a health path, so that one that was forgotten is down, and no error of HTTP.
destination route_of(method requested, std::string_view target,
                     config::run_mode mode = config::run_mode::sidecar) noexcept;

/// PURE. `name` if it has the form "namespace/workload" or "namespace/workload/container", cut as above; else empty.
std::string_view workload_in(std::string_view name) noexcept;

}  // namespace sidecar::http
