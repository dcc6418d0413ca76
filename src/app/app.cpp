#include "sidecar/app/app.hpp"

#include <exception>
#include <iostream>
#include <memory>
#include <utility>
#include <variant>

#include "sidecar/app/cluster_identity.hpp"
#include "sidecar/app/daemon.hpp"
#include "sidecar/app/signals.hpp"
#include "sidecar/app/state_override.hpp"
#include "sidecar/app/tls_reloader.hpp"
#include "sidecar/base/harden_process.hpp"
#include "sidecar/base/log.hpp"
#include "sidecar/config/warnings.hpp"

namespace sidecar::app {
namespace {

int refuse(const config::configuration_errors& errors) {
  report_errors(errors);
  return exit_configuration;
}

/// Null with STATE_OVERRIDE, or with errors.
std::unique_ptr<cluster_identity> find_identity(const config::config& settings, config::configuration_errors& errors) {
  if (!settings.state_override.empty()) return nullptr;
  auto opened = read_cluster_identity(settings);
  if (auto* found = std::get_if<std::unique_ptr<cluster_identity>>(&opened)) return std::move(*found);
  const auto& found = std::get<config::configuration_errors>(opened);
  errors.insert(errors.end(), found.begin(), found.end());
  return nullptr;
}

/// Null without TLS.
std::unique_ptr<tls_reloader> find_tls(const config::config& settings, config::configuration_errors& errors) {
  if (settings.tls_cert.empty()) return nullptr;
  auto files = std::make_unique<tls_reloader>(settings);
  const auto found = files->open();
  errors.insert(errors.end(), found.begin(), found.end());
  return files;
}

}  // namespace

void report_errors(const config::configuration_errors& errors) {
  for (const auto& error : errors) std::cerr << "http-healthcheck-sidecar: " << error << '\n';
}

void start_log(const config::config& settings) { log::configure(settings.log_level, settings.log_format); }

int run(const config::config& settings) try {
  block_signals();
  harden_process();
  config::configuration_errors errors;
  auto identity = find_identity(settings, errors);
  auto tls = find_tls(settings, errors);
  if (!errors.empty()) return refuse(errors);
  daemon process(settings, std::move(identity), std::move(tls));
  return process.listen() ? process.run() : exit_failure;
} catch (const std::exception& error) {
  log::error("cannot start", {{"problem", error.what()}});
  return exit_failure;
}

int check(const config::config& settings) {
  std::cout << "the options are valid; "
            << (settings.state_override.empty()
                    ? "API server " + to_string(*settings.api_server) +
                          "; the files of the service account and of TLS were not read"
                    : "STATE_OVERRIDE is set, so every answer would be " + std::to_string(overridden_status(settings)))
            << '\n';
  for (const auto& warning : config::warnings(settings)) std::cout << "warning: " << warning << '\n';
  return exit_clean;
}

}  // namespace sidecar::app
