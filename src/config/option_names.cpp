#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "sidecar/base/ascii.hpp"
#include "sidecar/config/options.hpp"

namespace sidecar::config {

const option* find_option(std::string_view name) noexcept {
  const auto found = std::ranges::find(options(), name, &option::name);
  return found == options().end() ? nullptr : &*found;
}

std::string variable_name(std::string_view option_name) { return std::string{environment_prefix}.append(option_name); }

std::string flag_name(std::string_view option_name) {
  std::string out{"--"};
  for (const char c : option_name) out += c == '_' ? '-' : to_lower(c);
  return out;
}

// One row of the matrix at a time.
std::size_t edit_distance(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < left.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < right.size(); ++j) {
      const std::size_t substituted = diagonal + (left[i] == right[j] ? 0 : 1);
      diagonal = std::exchange(row[j + 1], std::min({row[j] + 1, row[j + 1] + 1, substituted}));
    }
  }
  return row.back();
}

std::string_view nearest_option(std::string_view unknown) {
  constexpr std::size_t max_length = 64;
  std::string_view nearest;
  std::size_t limit = std::max<std::size_t>(2, unknown.size() / 3) + 1;
  if (unknown.size() > max_length) return nearest;
  for (const option& one : options()) {
    const std::size_t distance = edit_distance(unknown, one.name);
    if (distance < limit) {
      limit = distance;
      nearest = one.name;
    }
  }
  return nearest;
}

}  // namespace sidecar::config
