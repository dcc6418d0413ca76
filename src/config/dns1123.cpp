#include "sidecar/config/dns1123.hpp"

#include <algorithm>
#include <cstddef>

#include "sidecar/base/ascii.hpp"

namespace sidecar::config {
namespace {

constexpr std::size_t max_label = 63;
constexpr std::size_t max_subdomain = 253;

bool is_label_edge(char c) noexcept { return is_lower(c) || is_digit(c); }

bool is_label_of_any_length(std::string_view text) noexcept {
  return !text.empty() && is_label_edge(text.front()) && is_label_edge(text.back()) &&
         std::ranges::all_of(text, [](char c) { return is_label_edge(c) || c == '-'; });
}

}  // namespace

bool is_dns1123_label(std::string_view text) noexcept {
  return text.size() <= max_label && is_label_of_any_length(text);
}

bool is_dns1123_subdomain(std::string_view text) noexcept {
  if (text.size() > max_subdomain) return false;
  for (auto dot = text.find('.'); dot != std::string_view::npos; dot = text.find('.')) {
    if (!is_label_of_any_length(text.substr(0, dot))) return false;
    text.remove_prefix(dot + 1);
  }
  return is_label_of_any_length(text);
}

bool is_label_key(std::string_view text) noexcept {
  if (const auto slash = text.find('/'); slash != std::string_view::npos) {
    if (!is_dns1123_subdomain(text.substr(0, slash))) return false;
    text.remove_prefix(slash + 1);
  }
  return !text.empty() && text.size() <= max_label && is_alphanumeric(text.front()) && is_alphanumeric(text.back()) &&
         std::ranges::all_of(text, [](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

}  // namespace sidecar::config
