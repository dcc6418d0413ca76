#pragma once

#include <string>
#include <variant>

#include "sidecar/config/load.hpp"

namespace sidecar::app {

/// What somebody asked for on the command line. Values are not looked at here: config::load does that.
struct command_line {
  enum class action { run, check_config, show_help, show_version };

  command_line::action what = action::run;
  config::flags flags;
};

/// Reads `--name value` and `--name=value`; of a repeated flag the last one counts, so that arguments can be appended
/// to override others. --help wins over --version, --version over --check-config, and both first two over mistakes.
/// `argv` is main's; never throws but for lack of memory.
std::variant<command_line, config::mistakes> parse_command_line(int argc, const char* const* argv);

/// What --help prints: every option with its default, the actions, the exit codes and an example.
std::string help_text();

/// What --version prints.
std::string version_text();

}  // namespace sidecar::app
