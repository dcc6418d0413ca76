#include "sidecar/status/route.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>

#include "sidecar/base/ascii.hpp"

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

bool is_address(const std::string& text) {
  boost::system::error_code failed;
  boost::asio::ip::make_address(text, failed);
  return !failed;
}

/// Without the port; an IPv6 address without its brackets.
std::string_view host_name(std::string_view host) {
  if (host.starts_with('[')) return host.substr(1, host.find(']') - 1);
  return host.substr(0, host.find(':'));
}

}  // namespace

bool is_our_host(std::string_view host, std::span<const std::string> names) {
  const std::string_view name = host_name(host);
  if (host.empty() || equal_ignoring_case(name, "localhost") || is_address(std::string{name})) return true;
  return std::ranges::any_of(names, [name](const std::string& one) { return equal_ignoring_case(one, name); });
}

route route_of(const http::request& asked, const route_rules& rules) {
  if (!is_our_host(asked.host, rules.hosts)) return route::misdirected;
  const std::string_view path = asked.target.substr(0, asked.target.find('?'));
  for (const auto& one : table) {
    if (one.path != path || (one.is_page && !rules.has_page)) continue;
    const bool is_allowed = asked.method == http::method::get || asked.method == http::method::head;
    return is_allowed ? one.route : route::method_not_allowed;
  }
  return route::not_found;
}

}  // namespace sidecar::status
