#include "sidecar/status/route.hpp"

#include <algorithm>
#include <array>

#include "sidecar/config/config.hpp"
#include "sidecar/config/parse.hpp"

namespace sidecar::status {
namespace {

struct entry {
  std::string_view path;
  status::route route;
  bool is_page;  ///< off with STATUS_PAGE=false
};

constexpr std::array table{
    entry{"/metrics", route::metrics, false},
    entry{"/livez", route::livez, false},
    entry{"/readyz", route::readyz, false},
    entry{"/status", route::document, true},
    entry{"/", route::page, true},
};

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

route route_of(const http::request& query, const route_rules& rules) {
  if (!is_our_host(query.host, rules.hosts)) return route::misdirected;
  const std::string_view path = query.target.substr(0, query.target.find('?'));
  for (const auto& one : table) {
    if (one.path != path || (one.is_page && !rules.has_page)) continue;
    const bool is_allowed = query.method == http::method::get || query.method == http::method::head;
    return is_allowed ? one.route : route::method_not_allowed;
  }
  return route::not_found;
}

}  // namespace sidecar::status
