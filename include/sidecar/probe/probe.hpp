#pragma once

#include <string>
#include <variant>
#include <vector>

#include "sidecar/config/load.hpp"
#include "sidecar/probe/probe_request.hpp"

namespace sidecar::probe {

/// Queries a health port once and prints the reason as one line on standard output. Returns the exit code: 0 up, the
/// value of --drain-exit for a drain, 1 for everything else, wrong usage included.
int probe(const std::vector<std::string>& arguments, const config::environment& variables);

/// The query that `probe` without arguments sends where these are the settings: query_once (probe_call.hpp) runs it.
/// Reads the certificate of the port; or returns what is in the way, as the client certificate that TLS_CLIENT_CA asks
/// for.
std::variant<probe_request, config::configuration_errors> own_probe(const config::config& settings);

}  // namespace sidecar::probe
