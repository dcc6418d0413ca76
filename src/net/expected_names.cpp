#include "sidecar/net/expected_names.hpp"

#include "sidecar/base/ascii.hpp"

namespace sidecar::net {
namespace {

bool is_label_character(char c) noexcept { return is_alphanumeric(c) || c == '-' || c == '_'; }

/// Go's validHostname: any other name is compared as a whole and matches no wildcard.
bool is_host_name(std::string_view host) noexcept {
  for (char previous = '.'; const char c : host) {
    if (previous == '.' && (c == '.' || c == '-')) return false;
    if (c != '.' && !is_label_character(c)) return false;
    previous = c;
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
