#include "sidecar/probe/probe.hpp"

#include <csignal>
#include <exception>
#include <iostream>
#include <string_view>
#include <utility>
#include <variant>

#include "sidecar/base/harden_process.hpp"
#include "sidecar/base/watched_file.hpp"
#include "sidecar/config/options.hpp"
#include "sidecar/net/certificate_names.hpp"
#include "sidecar/probe/own_port.hpp"
#include "sidecar/probe/probe_arguments.hpp"
#include "sidecar/probe/probe_call.hpp"

namespace sidecar::probe {
namespace {

using config::configuration_errors;

constexpr int exit_down = 1;

/// Empty, and an error, if it cannot be read.
std::string read_file(std::string_view option, const std::string& path, configuration_errors& found) {
  if (path.empty()) return {};
  constexpr std::size_t max_file = 256 * 1024;
  watched_file file(path, max_file, whole_text);
  file.refresh();
  if (file.content().empty()) found.push_back(std::string{option} + " " + path + ": " + file.describe_problem());
  return file.content();
}

void read_client_certificate(const probe_arguments& given, probe_request& request, configuration_errors& found) {
  request.certificate = read_file("--cert", given.cert_file, found);
  request.key = given.key_file.empty() ? request.certificate : read_file("--key", given.key_file, found);
}

void use_url(const probe_arguments& given, probe_request& request, configuration_errors& found) {
  request.url = std::get<probe_url>(parse_probe_url(given.url));
  const bool has_tls_files = !given.ca_file.empty() || !given.cert_file.empty();
  if (!request.url.tls && has_tls_files) {
    found.emplace_back("--ca-file and --cert are for https:// URLs");
  } else if (request.url.tls && given.ca_file.empty()) {
    found.emplace_back(
        "https:// needs --ca-file, the CA bundle that issued the server's certificate: no other CA is "
        "trusted");
  }
  request.ca = read_file("--ca-file", given.ca_file, found);
}

/// Trusts the certificates of TLS_CERT, and expects a name of the first one, since loopback is rarely in it.
void trust_own_certificate(const probe_arguments& given, const config::config& settings, probe_request& request,
                           configuration_errors& found) {
  const auto own = read_file(config::variable_name("TLS_CERT"), settings.tls_cert, found);
  request.ca = given.ca_file.empty() ? own : read_file("--ca-file", given.ca_file, found);
  const auto names = net::names_in_certificate(own);
  if (!names.empty()) request.server_name = net::concrete_name(names.front());
  if (names.empty() && !own.empty()) {
    found.push_back("the certificate in " + settings.tls_cert +
                    " has no name: issue it with a DNS name or an IP address");
  }
  if (!settings.tls_client_ca.empty() && given.cert_file.empty()) {
    found.push_back(config::variable_name("TLS_CLIENT_CA") +
                    " is set, so the port wants a certificate: name one of that CA with --cert");
  }
}

void use_own_port(const probe_arguments& given, const config::config& settings, probe_request& request,
                  configuration_errors& found) {
  const std::string usual = settings.mode == config::run_mode::node ? "/nodez" : "/healthz";
  auto own = own_request(settings, given.url.empty() ? usual : given.url);
  if (const auto* refused = std::get_if<config::refusal>(&own)) {
    found.push_back(refused->hint);
    return;
  }
  request = std::get<probe_request>(std::move(own));
  if (request.url.tls) return trust_own_certificate(given, settings, request, found);
  if (!given.ca_file.empty() || !given.cert_file.empty()) {
    found.push_back("--ca-file and --cert are for TLS, and " + config::variable_name("TLS_CERT") + " is not set");
  }
}

std::variant<probe_request, configuration_errors> prepare(const probe_arguments& given,
                                                          const config::environment& variables) {
  configuration_errors found;
  probe_request request;
  const bool is_own = given.url.empty() || given.url.starts_with('/');
  if (is_own) {
    const auto settings = own_settings(variables);
    if (const auto* errors = std::get_if<configuration_errors>(&settings)) return *errors;
    use_own_port(given, std::get<config::config>(settings), request, found);
  } else {
    use_url(given, request, found);
  }
  request.headers = given.headers;
  request.timeout = given.timeout;
  read_client_certificate(given, request, found);
  if (!found.empty()) return found;
  return request;
}

int refuse_probe(const configuration_errors& found) {
  for (const auto& error : found) std::cerr << "http-healthcheck-sidecar probe: " << error << '\n';
  return exit_down;
}

}  // namespace

std::variant<probe_request, configuration_errors> own_probe(const config::config& settings) {
  configuration_errors found;
  probe_request request;
  use_own_port({}, settings, request, found);
  if (!found.empty()) return found;
  return request;
}

int probe(const std::vector<std::string>& arguments, const config::environment& variables) try {
  std::signal(SIGPIPE, SIG_IGN);  // a reader that is gone changes no exit code
  harden_process();
  const auto read = parse_probe_arguments(arguments);
  if (const auto* found = std::get_if<configuration_errors>(&read)) return refuse_probe(*found);
  const auto& given = std::get<probe_arguments>(read);
  if (given.help) {
    std::cout << probe_help_text();
    return exit_down;  // a check that was mistyped must not be up
  }
  const auto prepared = prepare(given, variables);
  if (const auto* found = std::get_if<configuration_errors>(&prepared)) return refuse_probe(*found);
  const auto outcome = query_once(std::get<probe_request>(prepared));
  std::cout << outcome.line << '\n' << std::flush;
  return exit_code_of(outcome, given.drain_exit);
} catch (const std::exception& error) {
  return refuse_probe({error.what()});
}

}  // namespace sidecar::probe
