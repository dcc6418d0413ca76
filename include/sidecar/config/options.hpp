#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "sidecar/config/config.hpp"

namespace sidecar::config {

inline constexpr std::string_view environment_prefix = "HTTP_HEALTHCHECK_SIDECAR_";

/// Stores the value. Returns a hint what to write instead, or an empty text if the value is accepted.
using option_reader = std::function<std::string(std::string_view value, config& settings)>;

/// One row of the option table. A test compares the README's table with it.
struct option {
  std::string_view name;           ///< "STALE_GRACE"; the flag is "--stale-grace"
  std::string_view group;          ///< heading in --help
  std::string_view value;          ///< the kind of value: "DURATION"
  std::string_view default_value;  ///< as an operator would write it; empty: none
  std::string_view help;           ///< one line
  option_reader read;
};

/// All options, in groups.
std::span<const option> options();

/// The row with that name, or null.
const option* find_option(std::string_view name);

/// The option whose name is closest to an unknown one (by edit distance); empty if none is close.
std::string_view nearest_option(std::string_view unknown);

/// "STALE_GRACE" -> "HTTP_HEALTHCHECK_SIDECAR_STALE_GRACE"
std::string variable_name(std::string_view option_name);

/// "STALE_GRACE" -> "--stale-grace"
std::string flag_name(std::string_view option_name);

}  // namespace sidecar::config
