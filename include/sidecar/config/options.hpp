#pragma once

#include <span>
#include <string>
#include <string_view>

#include "sidecar/config/config.hpp"

namespace sidecar::config {

inline constexpr std::string_view environment_prefix = "HTTP_HEALTHCHECK_SIDECAR_";

/// What to write instead of a value that was refused; empty if the value was accepted.
using advice = std::string;

/// One row of the option table; the README's table is compared with it by a test.
struct option {
  std::string_view name;           ///< "STALE_GRACE"; the flag is "--stale-grace"
  std::string_view group;          ///< heading in --help
  std::string_view value;          ///< what kind of value: "DURATION"
  std::string_view default_value;  ///< as an operator would write it; empty: none
  std::string_view help;           ///< one line
  advice (*read)(std::string_view value, config& into);
};

/// Every option there is; those of one group stand together.
std::span<const option> options() noexcept;

/// The row of that name, or null.
const option* find_option(std::string_view name) noexcept;

/// The option that an unknown name was probably meant to be; empty if none comes near.
std::string_view nearest_option(std::string_view unknown);

/// "STALE_GRACE" -> "HTTP_HEALTHCHECK_SIDECAR_STALE_GRACE"
std::string variable_name(std::string_view option_name);

/// "STALE_GRACE" -> "--stale-grace"
std::string flag_name(std::string_view option_name);

}  // namespace sidecar::config
