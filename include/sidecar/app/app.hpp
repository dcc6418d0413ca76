#pragma once

#include <string>
#include <vector>

#include "sidecar/config/config.hpp"

namespace sidecar::app {

/// Exit codes, as documented in --help.
inline constexpr int exit_clean = 0;
inline constexpr int exit_failure = 1;        ///< could not start, or went wrong beyond repair
inline constexpr int exit_configuration = 2;  ///< the configuration is wrong; nothing was opened

/// Writes each mistake to standard error, as one line.
void report_mistakes(const std::vector<std::string>& mistakes);

/// From here on the log has the level and the format that the configuration asks for.
void start_log(const config::config& settings);

/// Runs the daemon until a signal ends it; returns the exit code: 0 after a complete drain, 128 + the signal's number
/// when a signal cut it short. Call once, on the main thread.
int run(const config::config& settings);

/// What --check-config does with a configuration that load() accepted: says so. Opens no file and no socket, so that it
/// works outside a cluster as well.
int check(const config::config& settings);

}  // namespace sidecar::app
