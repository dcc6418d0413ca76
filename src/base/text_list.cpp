#include "sidecar/base/text_list.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace sidecar {
namespace {

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

}  // namespace

std::string joined(std::span<const std::string_view> items) {
  std::string text;
  for (const auto one : items) text.append(text.empty() ? "" : ", ").append(one);
  return text;
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> out;
  for (auto comma = text.find(','); comma != std::string_view::npos; comma = text.find(',')) {
    out.emplace_back(text.substr(0, comma));
    text.remove_prefix(comma + 1);
  }
  out.emplace_back(text);
  return out;
}

std::string_view nearest_of(std::span<const std::string_view> items, std::string_view wanted) {
  std::string_view nearest;
  std::size_t limit = std::max<std::size_t>(2, wanted.size() / 3) + 1;
  for (const auto one : items) {
    const std::size_t distance = edit_distance(wanted, one);
    if (distance >= limit) continue;
    limit = distance;
    nearest = one;
  }
  return nearest;
}

}  // namespace sidecar
