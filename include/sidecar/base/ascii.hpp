#pragma once

#include <algorithm>
#include <functional>
#include <ranges>
#include <string>
#include <string_view>

/// Characters and case of ASCII, independent of the locale: every other byte is no letter and stays as it is.
namespace sidecar {

constexpr char to_lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

inline std::string to_lower(std::string_view text) {
  std::string lower{text};
  for (char& c : lower) c = to_lower(c);
  return lower;
}

constexpr bool equal_ignoring_case(std::string_view left, std::string_view right) noexcept {
  return std::ranges::equal(left, right, [](char a, char b) { return to_lower(a) == to_lower(b); });
}

/// True if any of the names equals `wanted` in any case.
template <std::ranges::input_range Range, class Projection = std::identity>
constexpr bool has_ignoring_case(const Range& all, std::string_view wanted, Projection name_of = {}) noexcept {
  return std::ranges::any_of(
      all, [wanted](std::string_view name) { return equal_ignoring_case(name, wanted); }, name_of);
}

/// The element of that name; without one, the first whose name differs in case only; else the end.
template <std::ranges::forward_range Range, class Projection>
constexpr auto find_in_any_case(const Range& all, std::string_view wanted, Projection name_of) noexcept {
  const auto exact = std::ranges::find(all, wanted, name_of);
  if (exact != std::ranges::end(all)) return exact;
  return std::ranges::find_if(
      all, [wanted](std::string_view name) { return equal_ignoring_case(name, wanted); }, name_of);
}

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
constexpr bool is_lower(char c) noexcept { return c >= 'a' && c <= 'z'; }
constexpr bool is_alphanumeric(char c) noexcept { return is_digit(c) || is_lower(to_lower(c)); }

/// An ASCII character that is neither a blank nor a control character.
constexpr bool is_visible(char c) noexcept { return c > ' ' && c < '\x7f'; }

constexpr bool is_space(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// White space around the text removed, as Go's strings.TrimSpace does.
constexpr std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace sidecar
