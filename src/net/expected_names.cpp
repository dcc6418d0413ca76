#include "sidecar/net/expected_names.hpp"

#include <algorithm>

namespace sidecar::net {
namespace {

bool may_stand_in_label(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/// Go's validHostname: any other is compared as a whole, and no wildcard is for it.
bool is_host_name(std::string_view host) noexcept {
  for (char before = '.'; const char c : host) {
    if (before == '.' && (c == '.' || c == '-')) return false;
    if (c != '.' && !may_stand_in_label(c)) return false;
    before = c;
  }
  return !host.empty() && host.back() != '.';
}

}  // namespace

std::vector<std::string> names_to_match(std::string_view host) {
  if (!host.empty() && host.back() == '.') host.remove_suffix(1);
  if (host.empty() || host.front() == '.') return {};
  std::vector<std::string> names{std::string{host}};
  const auto first_dot = host.find('.');
  if (first_dot != host.npos && is_host_name(host)) names.push_back('*' + std::string{host.substr(first_dot)});
  return names;
}

}  // namespace sidecar::net
