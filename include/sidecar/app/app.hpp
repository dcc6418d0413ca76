#pragma once

#include "sidecar/config/config.hpp"
#include "sidecar/config/load.hpp"

namespace sidecar::app {

/// Exit codes, as documented in --help.
inline constexpr int exit_clean = 0;
inline constexpr int exit_failure = 1;        ///< could not start, or an internal error
inline constexpr int exit_configuration = 2;  ///< the configuration is wrong; nothing was opened

/// Writes each configuration error to standard error, as one line.
void report_errors(const config::configuration_errors& errors);

/// Gives the log the level and the format of the configuration.
void start_log(const config::config& settings);

/// Runs the daemon until a signal ends it; returns the exit code: 0 after a complete drain, 128 + the signal's number
/// when a signal cut the drain short. Call once, on the main thread.
int run(const config::config& settings);

/// --check-config, for a configuration that load() accepted: prints the result and warnings. Opens no file and no
/// socket, so it works outside a cluster too.
int check(const config::config& settings);

}  // namespace sidecar::app
