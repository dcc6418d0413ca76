#include "sidecar/app/app.hpp"

#include <array>
#include <exception>
#include <iostream>
#include <memory>
#include <utility>
#include <variant>

#include "sidecar/app/cluster.hpp"
#include "sidecar/app/daemon.hpp"
#include "sidecar/app/secrecy.hpp"
#include "sidecar/app/signals.hpp"
#include "sidecar/app/state_override.hpp"
#include "sidecar/app/tls_files.hpp"
#include "sidecar/base/log.hpp"
#include "sidecar/config/warnings.hpp"

namespace sidecar::app {
namespace {

int refuse(const std::vector<std::string>& mistakes) {
  report_mistakes(mistakes);
  return exit_configuration;
}

/// Null with STATE_OVERRIDE, or with a mistake.
std::unique_ptr<cluster> find_cluster(const config::config& settings, std::vector<std::string>& mistakes) {
  if (!settings.state_override.empty()) return nullptr;
  auto opened = open_cluster(settings);
  if (auto* found = std::get_if<std::unique_ptr<cluster>>(&opened)) return std::move(*found);
  const auto& wrong = std::get<std::vector<std::string>>(opened);
  mistakes.insert(mistakes.end(), wrong.begin(), wrong.end());
  return nullptr;
}

/// Null without TLS.
std::unique_ptr<tls_files> find_tls(const config::config& settings, std::vector<std::string>& mistakes) {
  if (settings.tls_cert.empty()) return nullptr;
  auto files = std::make_unique<tls_files>(settings);
  const auto wrong = files->open();
  mistakes.insert(mistakes.end(), wrong.begin(), wrong.end());
  return files;
}

}  // namespace

void report_mistakes(const std::vector<std::string>& mistakes) {
  for (const auto& mistake : mistakes) std::cerr << "http-healthcheck-sidecar: " << mistake << '\n';
}

void start_log(const config::config& settings) {
  static constexpr std::array levels{log::level::debug, log::level::info, log::level::warn, log::level::error};
  log::start(levels[static_cast<std::size_t>(settings.level)],
             settings.format == config::log_format::json ? log::format::json : log::format::text);
}

int run(const config::config& settings) try {
  block_signals();
  keep_memory_secret();
  std::vector<std::string> mistakes;
  auto where = find_cluster(settings, mistakes);
  auto tls = find_tls(settings, mistakes);
  if (!mistakes.empty()) return refuse(mistakes);
  daemon process(settings, std::move(where), std::move(tls));
  return process.listen() ? process.run() : exit_failure;
} catch (const std::exception& error) {
  log::error("cannot start", {{"problem", error.what()}});
  return exit_failure;
}

int check(const config::config& settings) {
  std::cout << "the options are valid; "
            << (settings.state_override.empty()
                    ? "API server " + to_string(*settings.api_server) +
                          "; no file was looked at, neither the service account's nor TLS's"
                    : "STATE_OVERRIDE is set, so every answer would be " + std::to_string(overridden_status(settings)))
            << '\n';
  for (const auto& warning : config::warnings(settings)) std::cout << "warning: " << warning << '\n';
  return exit_clean;
}

}  // namespace sidecar::app
