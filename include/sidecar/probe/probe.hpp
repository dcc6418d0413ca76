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

/// The request of `probe` without arguments, for the port of `settings`; query_once (probe_call.hpp) sends it. Reads
/// the port's certificate. Errors: what makes a probe impossible, such as a client certificate that TLS_CLIENT_CA
/// requires.
std::variant<probe_request, config::configuration_errors> own_probe(const config::config& settings);

}  // namespace sidecar::probe
