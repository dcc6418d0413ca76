#include "sidecar/config/setting.hpp"

#include "sidecar/base/log.hpp"
#include "sidecar/config/options.hpp"

namespace sidecar::config {
namespace {

// A URL's user part may contain a password, and configuration errors end up in logs.
std::string without_user(std::string_view value) {
  const auto start = value.find("://");
  const auto at_sign = value.rfind('@');
  if (start == std::string_view::npos || at_sign == std::string_view::npos || at_sign < start)
    return std::string{value};
  return std::string{value.substr(0, start + 3)} + "***" + std::string{value.substr(at_sign)};
}

}  // namespace

std::string_view value_of(const environment& variables, std::string_view name) {
  const auto found = variables.find(name);
  return found == variables.end() ? std::string_view{} : std::string_view{found->second};
}

std::optional<setting> find_setting(std::string_view name, const environment& variables, const flags& given) {
  if (const auto flag = given.find(name); flag != given.end()) {
    if (flag->second.empty()) return std::nullopt;
    return setting{flag_name(name), flag->second};
  }
  const std::string variable = variable_name(name);
  const std::string_view value = value_of(variables, variable);
  if (value.empty()) return std::nullopt;
  return setting{variable, value};
}

std::string describe(std::string_view name, std::string_view value, std::string_view hint) {
  constexpr std::size_t max_name = 100;
  constexpr std::size_t max_value = 128;
  return log::printable(name, max_name) + "=\"" + log::printable(without_user(value), max_value) +
         "\": " + std::string{hint};
}

}  // namespace sidecar::config
