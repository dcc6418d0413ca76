#include "sidecar/status/host_rule.hpp"

#include <algorithm>

#include "sidecar/config/config.hpp"
#include "sidecar/config/parse.hpp"

namespace sidecar::status {
namespace {

/// In small letters, without the port, the brackets and a final dot; empty if it is none.
std::string host_name(std::string_view host) {
  const auto [text, port] = config::split_port(host);
  if (port && !config::parse_port(*port)) return {};
  const auto name = config::parse_host(text);
  return name ? std::string{config::without_final_dot(*name)} : std::string{};
}

}  // namespace

bool is_our_host(std::string_view host, std::span<const std::string> names) {
  const auto name = host_name(host);
  if (host.empty() || name == "localhost" || config::is_address(name)) return true;
  return !name.empty() && std::ranges::find(names, name) != names.end();
}

}  // namespace sidecar::status
