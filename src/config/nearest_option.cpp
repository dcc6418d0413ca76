#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "sidecar/config/options.hpp"

namespace sidecar::config {
namespace {

// Levenshtein's, one row at a time.
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

}  // namespace

std::string_view nearest_option(std::string_view unknown) {
  constexpr std::size_t longest = 64;
  std::string_view nearest;
  std::size_t least = std::max<std::size_t>(2, unknown.size() / 3) + 1;
  if (unknown.size() > longest) return nearest;
  for (const option& one : options()) {
    const std::size_t distance = edit_distance(unknown, one.name);
    if (distance < least) {
      least = distance;
      nearest = one.name;
    }
  }
  return nearest;
}

}  // namespace sidecar::config
