#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/config/load.hpp"

namespace sidecar::config {

/// The words of a command line, sorted.
struct command_words {
  flags values{};                                 ///< of a repeated flag the last
  std::vector<std::string_view> without_value{};  ///< the options that end the line, or that another flag follows
  std::vector<std::string> others{};              ///< what is neither an option's flag nor its value
};

/// PURE. Reads `--name=value`, whose value may be empty, and `--name value` for the options of the table. A word that
/// looks like a flag is no value; a negative number does not. By hand: CLI11 would take the word after `--name=` for
/// its value, and would do nothing else here.
command_words split_flags(std::span<const std::string> words);

/// True for the flag of an action of serve, which takes no value: --help, --version, --check-config.
bool is_action(std::string_view word) noexcept;

/// PURE. A configuration error for each option without a value.
configuration_errors missing_values(const command_words& words);

}  // namespace sidecar::config
