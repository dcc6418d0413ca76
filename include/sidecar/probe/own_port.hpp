#pragma once

#include <string>
#include <variant>

#include "sidecar/config/load.hpp"
#include "sidecar/probe/probe_request.hpp"

namespace sidecar::probe {

/// PURE. LISTEN, MODE, TLS_CERT and TLS_CLIENT_CA of an environment, each with its default; every other option is
/// ignored.
std::variant<config::config, config::configuration_errors> own_settings(const config::environment& variables);

/// PURE. The request for the health port of `settings`, on loopback if it listens everywhere. Refused for a port that
/// the kernel chose.
config::parsed<probe_request> own_request(const config::config& settings, std::string target = "/healthz");

}  // namespace sidecar::probe
