#pragma once

#include "sidecar/app/cluster_identity.hpp"
#include "sidecar/config/config.hpp"
#include "sidecar/kube/api_endpoint.hpp"

namespace sidecar::app {

/// PURE. How the API server is reached, and what for. All who use a copy of it share one rate limit and one statistics.
kube::api_client_settings make_api_settings(const config::config& settings, const cluster_identity& identity);

}  // namespace sidecar::app
