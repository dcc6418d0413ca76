#pragma once

#include <span>
#include <string>
#include <string_view>

namespace sidecar::status {

/// PURE. A web page elsewhere can let its own DNS name point to this port, and its script could then read the answers
/// as its own origin's (DNS rebinding). Such a request has that name in Host. So the host must be an address, which no
/// attacker owns, `localhost`, or a name the operator has listed; a port after it is ignored. Without a Host field
/// (HTTP/1.0) it is no browser.
bool is_our_host(std::string_view host, std::span<const std::string> names);

}  // namespace sidecar::status
