#include <algorithm>

#include "sidecar/config/load.hpp"

namespace sidecar::config {
namespace {

constexpr std::size_t max_label = 63;
constexpr std::size_t max_subdomain = 253;

// The standard's isalnum depends on the locale.
bool is_alphanumeric(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool is_label_of_any_length(std::string_view text) noexcept {
  return !text.empty() && is_alphanumeric(text.front()) && is_alphanumeric(text.back()) &&
         std::ranges::all_of(text, [](char c) { return is_alphanumeric(c) || c == '-'; });
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
  const auto is_edge = [](char c) { return is_alphanumeric(c) || (c >= 'A' && c <= 'Z'); };
  return !text.empty() && text.size() <= max_label && is_edge(text.front()) && is_edge(text.back()) &&
         std::ranges::all_of(text, [&](char c) { return is_edge(c) || c == '-' || c == '_' || c == '.'; });
}

}  // namespace sidecar::config
