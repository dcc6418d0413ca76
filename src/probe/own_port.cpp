#include "sidecar/probe/own_port.hpp"

#include <string_view>
#include <utility>

#include "sidecar/base/log.hpp"
#include "sidecar/config/options.hpp"

namespace sidecar::probe {

std::variant<config::config, config::configuration_errors> own_settings(const config::environment& variables) {
  config::config settings;
  config::configuration_errors found;
  for (const std::string_view name : {"LISTEN", "TLS_CERT", "TLS_CLIENT_CA", "MODE"}) {
    const auto variable = config::variable_name(name);
    const auto given = variables.find(variable);
    if (given == variables.end() || given->second.empty()) continue;
    const auto hint = config::find_option(name)->read(given->second, settings);
    if (!hint.empty()) found.push_back(variable + "=\"" + log::printable(given->second, 128) + "\": " + hint);
  }
  if (!found.empty()) return found;
  return settings;
}

config::parsed<probe_request> own_request(const config::config& settings, std::string target) {
  const auto& [address, port, defaulted] = settings.listen;
  if (port == 0) return config::refusal{"LISTEN leaves the port to the kernel: write the URL"};
  probe_request request;
  request.url = {.tls = !settings.tls_cert.empty(), .host = address, .port = port, .target = std::move(target)};
  // [::] takes IPv4 too, and where there is no IPv6 the default is IPv4 alone.
  if (address == "::") request.addresses = {"127.0.0.1", "::1"};
  if (address == "0.0.0.0") request.addresses = {"127.0.0.1"};
  if (!request.addresses.empty()) request.url.host = request.addresses.front();
  return request;
}

}  // namespace sidecar::probe
