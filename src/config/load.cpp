#include "sidecar/config/load.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>
#include <set>
#include <utility>

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

// A value somebody gave, and the name under which they gave it.
struct setting {
  std::string written_as;
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

// A URL's user part may be a password, and mistakes end up in logs.
std::string without_user(std::string_view value) {
  const auto start = value.find("://");
  const auto at = value.rfind('@');
  if (start == std::string_view::npos || at == std::string_view::npos || at < start) return std::string{value};
  return std::string{value.substr(0, start + 3)} + "***" + std::string{value.substr(at)};
}

std::string mistake(std::string_view written_as, std::string_view value, std::string_view write_instead) {
  constexpr std::size_t longest_name = 100;
  constexpr std::size_t longest_value = 128;
  return log::printable(written_as, longest_name) + "=\"" + log::printable(without_user(value), longest_value) +
         "\": " + std::string{write_instead};
}

template <class Name>
std::string unknown_name_advice(std::string_view unknown, Name to_written) {
  const std::string_view nearest = nearest_option(unknown);
  if (nearest.empty()) return "there is no such option: remove it (--help lists what there is)";
  return "there is no such option: did you mean " + to_written(nearest) + "? (--help lists what there is)";
}

void report_unknown_names(const environment& variables, const flags& given, mistakes& found) {
  for (auto entry = variables.lower_bound(environment_prefix);
       entry != variables.end() && entry->first.starts_with(environment_prefix); ++entry) {
    const std::string_view rest = std::string_view{entry->first}.substr(environment_prefix.size());
    if (entry->second.empty() || find_option(rest) != nullptr || is_service_link(rest, entry->second)) continue;
    found.push_back(mistake(entry->first, entry->second, unknown_name_advice(rest, variable_name)));
  }
  for (const auto& [name, value] : given) {
    if (find_option(name) != nullptr) continue;
    found.push_back(mistake(flag_name(name), value, unknown_name_advice(name, flag_name)));
  }
}

std::string rate_text(double rate) {
  char buffer[32];
  const int length = std::snprintf(buffer, sizeof buffer, "%.10g", rate);
  return {buffer, static_cast<std::size_t>(length)};
}

// What the checks across options look at, and where they report.
struct review {
  const environment& variables;
  const flags& given;
  const config& settings;
  std::set<std::string_view> refused;
  mistakes& found;

  bool was_read(std::string_view name) const { return find(name) && !refused.contains(name); }
  bool is_missing(std::string_view name) const { return !find(name); }
  std::optional<setting> find(std::string_view name) const { return find_setting(name, variables, given); }
  void report(std::string_view name, std::string_view write_instead) const {
    const auto one = find(name);
    found.push_back(mistake(one->written_as, one->value, write_instead));
  }
};

// A question that arrives just after a call began waits for the next one, up to 1/API_QPS later, and the call itself
// needs time too. Were more than half of the client's time spent on waiting, fresh answers would be left to luck.
void check_rate(const review& of) {
  const config& settings = of.settings;
  if (of.refused.contains("API_QPS") || of.refused.contains("ANSWER_TIMEOUT")) return;
  const auto milliseconds = static_cast<double>(settings.answer_timeout.count());
  constexpr double least_product = 2'000;
  if (settings.api_qps == 0 || settings.api_qps * milliseconds >= least_product) return;
  const std::string least_rate = rate_text(std::ceil(least_product / milliseconds * 100) / 100);
  if (of.find("API_QPS")) {
    return of.report("API_QPS", "calls would start further apart than half of ANSWER_TIMEOUT (" +
                                    to_text(settings.answer_timeout) + "): write at least " + least_rate +
                                    ", or 0 for no limit");
  }
  const std::chrono::milliseconds least{static_cast<std::int64_t>(std::ceil(least_product / settings.api_qps))};
  of.report("ANSWER_TIMEOUT", "calls start further apart than half of that (API_QPS is " + rate_text(settings.api_qps) +
                                  "): write at least " + to_text(least) + ", or raise API_QPS to " + least_rate);
}

void check_requirement(const review& of) {
  if (!of.was_read("REQUIRE") || !of.was_read("TARGET_CONTAINER")) return;
  if (of.settings.require != requirement::pod) return;
  of.report("REQUIRE",
            "the pod's Ready condition covers all of its containers: remove TARGET_CONTAINER, or write "
            "containers here");
}

void check_tls(const review& of) {
  if (of.was_read("TLS_CERT") && of.is_missing("TLS_KEY")) {
    of.report("TLS_CERT", "a certificate needs its private key: name the key's file in TLS_KEY, or remove this");
  }
  if (of.was_read("TLS_KEY") && of.is_missing("TLS_CERT")) {
    of.report("TLS_KEY",
              "a private key needs its certificate: name the certificate's file in TLS_CERT, or remove this");
  }
  if (of.was_read("TLS_CLIENT_CA") && of.is_missing("TLS_CERT")) {
    of.report("TLS_CLIENT_CA", "only TLS asks for certificates: name the server's own in TLS_CERT, or remove this");
  }
}

// [::] takes IPv4 as well.
bool overlap(const listen_address& left, const listen_address& right) {
  const auto covers = [](const std::string& wide, const std::string& other) {
    return wide == "::" || (wide == "0.0.0.0" && other.find(':') == std::string::npos);
  };
  const bool same_address =
      left.address == right.address || covers(left.address, right.address) || covers(right.address, left.address);
  return same_address && left.port == right.port && left.port != 0;
}

void check_ports(const review& of) {
  if (!of.was_read("AGENT_LISTEN") || of.refused.contains("LISTEN")) return;
  if (!overlap(*of.settings.agent_listen, of.settings.listen)) return;
  of.report("AGENT_LISTEN", "LISTEN has that port already: write another, such as :" +
                                std::to_string(of.settings.listen.port == 65'535 ? 3001 : of.settings.listen.port + 1));
}

// Reads every option that was given; returns the names of those whose values were refused.
std::set<std::string_view> read_options(const environment& variables, const flags& given, config& into,
                                        mistakes& found) {
  std::set<std::string_view> refused;
  for (const option& one : options()) {
    const auto setting = find_setting(one.name, variables, given);
    if (!setting) continue;
    const advice write_instead = one.read(setting->value, into);
    if (write_instead.empty()) continue;
    found.push_back(mistake(setting->written_as, setting->value, write_instead));
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

void read_cluster(const environment& variables, config& into, mistakes& found) {
  const std::string_view host_text = value_of(variables, cluster_host);
  const std::string_view port_text = value_of(variables, cluster_port);
  const auto host = parse_host(host_text);
  const auto port = parse_port(port_text);
  if (!host_text.empty() && !host) {
    found.push_back(mistake(cluster_host, host_text, "write an IP address or a DNS name, such as 10.96.0.1"));
  }
  if (!port_text.empty() && !port) {
    found.push_back(mistake(cluster_port, port_text, "write a port from 1 to 65535, such as 443"));
  }
  if (host && port) into.api_server = api_url{.tls = true, .host = *host, .port = *port};
  const bool incomplete = host_text.empty() || port_text.empty();
  if (incomplete && into.state_override.empty()) found.push_back(missing_cluster());
}

}  // namespace

std::variant<config, mistakes> load(const environment& variables, const flags& given) {
  config out;
  mistakes found;
  const review all{variables, given, out, read_options(variables, given, out, found), found};
  for (const auto check : {check_rate, check_requirement, check_tls, check_ports}) check(all);
  if (all.is_missing("DRAIN_STATUS")) out.drain_status = out.unhealthy_status;
  if (!find_setting("API_SERVER", variables, given)) read_cluster(variables, out, found);
  report_unknown_names(variables, given, found);
  out.hostname = value_of(variables, "HOSTNAME");
  if (!found.empty()) return found;
  return out;
}

}  // namespace sidecar::config
