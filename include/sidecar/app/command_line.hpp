#pragma once

#include <string>
#include <variant>
#include <vector>

#include "sidecar/config/load.hpp"

namespace sidecar::app {

/// The command line's action and flags. config::load validates the values.
struct command_line {
  enum class action { run, check_config, show_help, show_version, probe, doctor };

  command_line::action what = action::run;
  config::flags flags{};
  bool json = false;                           ///< of doctor
  std::vector<std::string> probe_arguments{};  ///< what follows `probe`, which has options and exit codes of its own
};

/// The first argument may name the command: serve (the default), probe or doctor.
/// Reads `--name value` and `--name=value`; of a repeated flag the last one counts, so an appended argument
/// overrides an earlier one. --help wins over --version, --version over --check-config, and the first two over errors.
/// `argv` is main's; never throws.
std::variant<command_line, config::configuration_errors> parse_command_line(int argc, const char* const* argv);

/// What --help prints: every option with its default, the actions, the exit codes and an example.
std::string help_text();

/// What --version prints.
std::string version_text();

}  // namespace sidecar::app
