#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "sidecar/http/request.hpp"

namespace sidecar::status {

/// What a request to the status port gets.
enum class route : std::uint8_t {
  metrics,
  document,  ///< /status
  page,      ///< /
  livez,
  readyz,
  not_found,
  method_not_allowed,
  misdirected,  ///< its Host is none of ours
};

struct route_rules {
  bool has_page = true;                  ///< STATUS_PAGE
  std::span<const std::string> hosts{};  ///< STATUS_HOSTS
};

/// PURE. The path without its query is compared byte for byte.
route route_of(const http::request& query, const route_rules& rules);

/// PURE. A web page elsewhere can let its own DNS name point to this port, and its script could then read the answers
/// as its own origin's (DNS rebinding). Such a request has that name in Host. So the host must be an address, which no
/// attacker owns, `localhost`, or a name the operator has listed; a port after it is ignored. Without a Host field
/// (HTTP/1.0) it is no browser.
bool is_our_host(std::string_view host, std::span<const std::string> names);

}  // namespace sidecar::status
