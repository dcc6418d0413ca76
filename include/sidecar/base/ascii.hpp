#pragma once

#include <algorithm>
#include <string_view>

namespace sidecar {

/// Independent of any locale, and of what lies beyond ASCII.
constexpr char to_lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

constexpr bool equal_ignoring_case(std::string_view left, std::string_view right) noexcept {
  return std::ranges::equal(left, right, {}, to_lower, to_lower);
}

}  // namespace sidecar
