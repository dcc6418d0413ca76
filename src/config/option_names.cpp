#include <algorithm>
#include <vector>

#include "sidecar/base/ascii.hpp"
#include "sidecar/base/text_list.hpp"
#include "sidecar/config/options.hpp"

namespace sidecar::config {

const option* find_option(std::string_view name) {
  const auto found = std::ranges::find(options(), name, &option::name);
  return found == options().end() ? nullptr : &*found;
}

std::string variable_name(std::string_view option_name) { return std::string{environment_prefix}.append(option_name); }

std::string flag_name(std::string_view option_name) {
  std::string out{"--"};
  for (const char c : option_name) out += c == '_' ? '-' : to_lower(c);
  return out;
}

std::string_view nearest_option(std::string_view unknown) {
  constexpr std::size_t max_length = 64;
  if (unknown.size() > max_length) return {};
  std::vector<std::string_view> names;
  for (const option& one : options()) names.push_back(one.name);
  return nearest_of(names, unknown);
}

}  // namespace sidecar::config
