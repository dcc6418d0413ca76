// Any environment and any flags give a configuration within its bounds, or mistakes that can be told. An input is
// records that end with NUL: NAME=value is a variable, _NAME=value one with our prefix, --NAME=value a flag.

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <variant>

#include "fuzz/fuzz.hpp"
#include "sidecar/config/dns1123.hpp"
#include "sidecar/config/load.hpp"
#include "sidecar/config/options.hpp"
#include "sidecar/config/parse.hpp"

namespace sidecar::fuzz {
namespace {

struct asked {
  config::environment variables;
  config::flags given;
};

void add(std::string_view record, asked& into) {
  const auto equals = std::min(record.find('='), record.size());
  const std::string value(record.substr(std::min(equals + 1, record.size())));
  const auto name = record.substr(0, equals);
  if (name.starts_with("--")) {
    into.given.insert_or_assign(std::string(name.substr(2)), value);
  } else if (name.starts_with('_')) {
    into.variables.insert_or_assign(config::variable_name(name.substr(1)), value);
  } else {
    into.variables.insert_or_assign(std::string(name), value);
  }
}

asked read(std::string_view input) {
  asked made;
  while (!input.empty()) {
    const auto end = std::min(input.find('\0'), input.size());
    add(input.substr(0, end), made);
    input.remove_prefix(std::min(end + 1, input.size()));
  }
  return made;
}

void check(const config::configuration_errors& found) {
  constexpr std::size_t at_most = 600;
  require(!found.empty(), "what is refused has a reason");
  for (const auto& one : found) {
    require(!one.empty() && one.size() < at_most, "a mistake is told in short");
    require(is_one_printable_line(one), "a mistake is one printable line");
  }
}

bool is_status(unsigned status) { return status >= 400 && status <= 599; }
bool is_path(const std::string& path) { return path.empty() || path[0] == '/'; }

bool is_loopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.") || host.starts_with("::ffff:127.") ||
         host.starts_with("::ffff:7f");
}

void check_names(const config::config& made) {
  require(made.target_pod_override.empty() || config::is_dns1123_subdomain(made.target_pod_override), "the pod's name");
  require(made.target_namespace.empty() || config::is_dns1123_label(made.target_namespace), "the namespace");
  for (const auto& name : made.target_containers) require(!name.empty() && name.size() <= 63, "a container's name");
  require(made.tls_key.empty() || !made.tls_cert.empty(), "a key has a certificate");
  require(is_path(made.tls_cert) && is_path(made.tls_key) && is_path(made.tls_client_ca), "paths are absolute");
  require(is_path(made.service_account_dir), "so is the service account's");
}

void check_status_port(const config::config& made) {
  require(!made.status_listen || !made.status_listen->defaulted, "the status port's address is written out");
  require(made.status_listen || (made.status_page && made.status_hosts.empty()),
          "without the port nothing is about it");
  for (const auto& name : made.status_hosts) {
    require(config::parse_dns_name(name) == name, "a name of the status port is a DNS name in lower case");
  }
  require(std::ranges::equal(made.in_force, config::options(), {}, &std::pair<std::string, std::string>::first,
                             &config::option::name),
          "every option is in force");
}

void check_numbers(const config::config& made) {
  require(is_status(made.unhealthy_status) && is_status(made.drain_status), "statuses say that something is wrong");
  require(made.stale_grace.count() >= 0 && made.drain.count() >= 0, "durations are not negative");
  require(made.answer_timeout.count() > 0 && made.api_timeout.count() > 0, "timeouts are positive");
  require(std::isfinite(made.api_qps) && made.api_qps >= 0, "a rate is a number");
  const double pause = made.api_qps > 0 ? 1000 / made.api_qps : 0;
  require(pause <= static_cast<double>(made.answer_timeout.count()) / 2, "calls are not too rare for the answers");
}

void check(const config::config& made) {
  check_names(made);
  check_numbers(made);
  check_status_port(made);
  require(made.api_server || !made.state_override.empty(), "there is somebody to ask");
  if (!made.api_server) return;
  require(made.api_server->tls || is_loopback(made.api_server->host), "plain text stays on the machine");
  require(made.api_server->port > 0 && !made.api_server->host.empty(), "an address is complete");
  const auto safe = [](char c) {
    return c > ' ' && c <= '~' && std::string_view("/@?#\\\"").find(c) == std::string::npos;
  };
  require(std::ranges::all_of(made.api_server->host, safe), "a host is a host and nothing else");
}

}  // namespace

void try_input(std::string_view input) {
  const auto given = read(input);
  const auto outcome = config::load(given.variables, given.given);
  if (const auto* made = std::get_if<config::config>(&outcome)) return check(*made);
  check(std::get<config::configuration_errors>(outcome));
}

}  // namespace sidecar::fuzz
