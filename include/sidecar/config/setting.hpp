#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sidecar/config/load.hpp"

/// PURE. What was given for an option, and how an error names it.
namespace sidecar::config {

/// The variable's value; empty without it. The view is into `variables`.
std::string_view value_of(const environment& variables, std::string_view name);

/// A value that was given, and the flag or variable that gave it. The value is a view of that.
struct setting {
  std::string name;
  std::string_view value;
};

/// Empty if the option has its default: a flag goes before the variable, even an empty one.
std::optional<setting> find_setting(std::string_view name, const environment& variables, const flags& given);

/// One printable line: name="value": hint. A URL's user part, which may contain a password, is left out.
std::string describe(std::string_view name, std::string_view value, std::string_view hint);

}  // namespace sidecar::config
