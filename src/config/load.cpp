#include "sidecar/config/load.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>
#include <set>

#include "sidecar/base/log.hpp"
#include "sidecar/config/parse.hpp"
#include "sidecar/config/service_link.hpp"

namespace sidecar::config {
namespace {

constexpr std::string_view cluster_host = "KUBERNETES_SERVICE_HOST";
constexpr std::string_view cluster_port = "KUBERNETES_SERVICE_PORT";

std::string_view value_of(const environment& variables, std::string_view name) {
  const auto found = variables.find(name);
  return found == variables.end() ? std::string_view{} : std::string_view{found->second};
}

// A value that was given, and the flag or variable that gave it.
struct setting {
  std::string name;
  std::string_view value;
};

std::optional<setting> find_setting(std::string_view name, const environment& variables, const flags& given) {
  if (const auto flag = given.find(name); flag != given.end()) {
    if (flag->second.empty()) return std::nullopt;
    return setting{flag_name(name), flag->second};
  }
  const std::string variable = variable_name(name);
  const std::string_view value = value_of(variables, variable);
  if (value.empty()) return std::nullopt;
  return setting{variable, value};
}

// A URL's user part may contain a password, and configuration errors end up in logs.
std::string without_user(std::string_view value) {
  const auto start = value.find("://");
  const auto at_sign = value.rfind('@');
  if (start == std::string_view::npos || at_sign == std::string_view::npos || at_sign < start)
    return std::string{value};
  return std::string{value.substr(0, start + 3)} + "***" + std::string{value.substr(at_sign)};
}

std::string describe(std::string_view name, std::string_view value, std::string_view hint) {
  constexpr std::size_t max_name = 100;
  constexpr std::size_t max_value = 128;
  return log::printable(name, max_name) + "=\"" + log::printable(without_user(value), max_value) +
         "\": " + std::string{hint};
}

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

std::string rate_text(double rate) {
  char buffer[32];
  const int length = std::snprintf(buffer, sizeof buffer, "%.10g", rate);
  return {buffer, static_cast<std::size_t>(length)};
}

// The input of the checks across options, and their output `found`.
struct review {
  const environment& variables;
  const flags& given;
  const config& settings;
  std::set<std::string_view> refused;
  configuration_errors& found;

  bool was_read(std::string_view name) const { return find(name) && !refused.contains(name); }
  bool is_missing(std::string_view name) const { return !find(name); }
  std::optional<setting> find(std::string_view name) const { return find_setting(name, variables, given); }
  void report(std::string_view name, std::string_view hint) const {
    const auto one = find(name);
    found.push_back(describe(one->name, one->value, hint));
  }
};

// A query that arrives just after an API request started needs the next one, which starts up to 1/API_QPS later and
// takes time itself. If waiting took more than half of ANSWER_TIMEOUT, most answers would come too late.
void check_rate(const review& input) {
  const config& settings = input.settings;
  if (input.refused.contains("API_QPS") || input.refused.contains("ANSWER_TIMEOUT")) return;
  const auto milliseconds = static_cast<double>(settings.answer_timeout.count());
  constexpr double min_product = 2'000;
  if (settings.api_qps == 0 || settings.api_qps * milliseconds >= min_product) return;
  const std::string min_rate = rate_text(std::ceil(min_product / milliseconds * 100) / 100);
  if (input.find("API_QPS")) {
    return input.report("API_QPS", "calls would start further apart than half of ANSWER_TIMEOUT (" +
                                       to_text(settings.answer_timeout) + "): write at least " + min_rate +
                                       ", or 0 for no limit");
  }
  const std::chrono::milliseconds min_timeout{static_cast<std::int64_t>(std::ceil(min_product / settings.api_qps))};
  input.report("ANSWER_TIMEOUT", "calls start further apart than half of that (API_QPS is " +
                                     rate_text(settings.api_qps) + "): write at least " + to_text(min_timeout) +
                                     ", or raise API_QPS to " + min_rate);
}

void check_requirement(const review& input) {
  if (!input.was_read("REQUIRE") || !input.was_read("TARGET_CONTAINER")) return;
  if (input.settings.require != requirement::pod) return;
  input.report("REQUIRE",
               "the pod's Ready condition covers all of its containers: remove TARGET_CONTAINER, or write "
               "containers here");
}

void check_tls(const review& input) {
  if (input.was_read("TLS_KEY") && input.is_missing("TLS_CERT")) {
    input.report("TLS_KEY",
                 "a private key needs its certificate: name the certificate's file in TLS_CERT, or remove this");
  }
  if (input.was_read("TLS_CLIENT_CA") && input.is_missing("TLS_CERT")) {
    input.report("TLS_CLIENT_CA",
                 "client certificates need TLS: name the server's certificate in TLS_CERT, or remove this");
  }
}

// [::] accepts IPv4 too.
bool overlap(const listen_address& left, const listen_address& right) {
  const auto covers = [](const std::string& wide, const std::string& other) {
    return wide == "::" || (wide == "0.0.0.0" && other.find(':') == std::string::npos);
  };
  const bool same_address =
      left.address == right.address || covers(left.address, right.address) || covers(right.address, left.address);
  return same_address && left.port == right.port && left.port != 0;
}

void check_ports(const review& input) {
  if (!input.was_read("AGENT_LISTEN") || input.refused.contains("LISTEN")) return;
  if (!overlap(*input.settings.agent_listen, input.settings.listen)) return;
  input.report("AGENT_LISTEN",
               "LISTEN has that port already: write another, such as :" +
                   std::to_string(input.settings.listen.port == 65'535 ? 3001 : input.settings.listen.port + 1));
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
  const review all{variables, given, out, read_options(variables, given, out, found), found};
  for (const auto check : {check_rate, check_requirement, check_tls, check_ports}) check(all);
  if (all.is_missing("DRAIN_STATUS")) out.drain_status = out.unhealthy_status;
  if (!find_setting("API_SERVER", variables, given)) read_cluster(variables, out, found);
  report_unknown_names(variables, given, found);
  out.hostname = value_of(variables, "HOSTNAME");
  out.container_name = value_of(variables, "CONTAINER_NAME");
  if (!found.empty()) return found;
  return out;
}

}  // namespace sidecar::config
