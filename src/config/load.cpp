#include "sidecar/config/load.hpp"

#include <set>
#include <utility>

#include "sidecar/config/consistency.hpp"
#include "sidecar/config/options.hpp"
#include "sidecar/config/parse.hpp"
#include "sidecar/config/service_link.hpp"
#include "sidecar/config/setting.hpp"

namespace sidecar::config {
namespace {

constexpr std::string_view cluster_host = "KUBERNETES_SERVICE_HOST";
constexpr std::string_view cluster_port = "KUBERNETES_SERVICE_PORT";

template <class Name>
std::string unknown_name_hint(std::string_view unknown, Name written_form) {
  const std::string_view nearest = nearest_option(unknown);
  if (nearest.empty()) return "there is no such option: remove it (--help lists the options)";
  return "there is no such option: did you mean " + written_form(nearest) + "? (--help lists the options)";
}

void report_unknown_names(const environment& variables, const flags& given, configuration_errors& found) {
  for (auto entry = variables.lower_bound(environment_prefix);
       entry != variables.end() && entry->first.starts_with(environment_prefix); ++entry) {
    const std::string_view rest = std::string_view{entry->first}.substr(environment_prefix.size());
    if (entry->second.empty() || find_option(rest) != nullptr || is_service_link(rest, entry->second)) continue;
    found.push_back(describe(entry->first, entry->second, unknown_name_hint(rest, variable_name)));
  }
  for (const auto& [name, value] : given) {
    if (find_option(name) != nullptr) continue;
    found.push_back(describe(flag_name(name), value, unknown_name_hint(name, flag_name)));
  }
}

// Returns the names of the options whose values were refused.
std::set<std::string_view> read_options(const environment& variables, const flags& given, config& settings,
                                        configuration_errors& found) {
  std::set<std::string_view> refused;
  for (const option& one : options()) {
    const auto setting = find_setting(one.name, variables, given);
    if (!setting) continue;
    const std::string hint = one.read(setting->value, settings);
    if (hint.empty()) continue;
    found.push_back(describe(setting->name, setting->value, hint));
    refused.insert(one.name);
  }
  return refused;
}

std::vector<std::pair<std::string, std::string>> values_in_force(const environment& variables, const flags& given) {
  std::vector<std::pair<std::string, std::string>> values;
  for (const option& one : options()) {
    const auto setting = find_setting(one.name, variables, given);
    values.emplace_back(one.name, setting ? setting->value : one.default_value);
  }
  return values;
}

std::string missing_cluster() {
  const std::string url = "=http://127.0.0.1:8001";
  return std::string{cluster_host} + " and " + std::string{cluster_port} +
         " are not both set, so this is not a pod: outside a cluster run kubectl proxy, write " +
         variable_name("API_SERVER") + url + " or " + flag_name("API_SERVER") + url + ", and name the pod with " +
         flag_name("TARGET_POD_OVERRIDE") + " and " + flag_name("TARGET_NAMESPACE");
}

void read_cluster(const environment& variables, config& settings, configuration_errors& found) {
  const std::string_view host_text = value_of(variables, cluster_host);
  const std::string_view port_text = value_of(variables, cluster_port);
  const auto host = parse_host(host_text);
  const auto port = parse_port(port_text);
  if (!host_text.empty() && !host) {
    found.push_back(describe(cluster_host, host_text, "write an IP address or a DNS name, such as 10.96.0.1"));
  }
  if (!port_text.empty() && !port) {
    found.push_back(describe(cluster_port, port_text, "write a port from 1 to 65535, such as 443"));
  }
  if (host && port) settings.api_server = api_url{.tls = true, .host = *host, .port = *port};
  const bool incomplete = host_text.empty() || port_text.empty();
  if (incomplete && settings.state_override.empty()) found.push_back(missing_cluster());
}

}  // namespace

std::variant<config, configuration_errors> load(const environment& variables, const flags& given) {
  config out;
  configuration_errors found;
  check_consistency({variables, given, out, read_options(variables, given, out, found)}, found);
  out.in_force = values_in_force(variables, given);
  if (!find_setting("DRAIN_STATUS", variables, given)) out.drain_status = out.unhealthy_status;
  if (!find_setting("API_SERVER", variables, given)) read_cluster(variables, out, found);
  report_unknown_names(variables, given, found);
  out.hostname = value_of(variables, "HOSTNAME");
  out.container_name = value_of(variables, "CONTAINER_NAME");
  if (!found.empty()) return found;
  return out;
}

}  // namespace sidecar::config
