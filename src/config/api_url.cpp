#include "sidecar/config/config.hpp"

namespace sidecar::config {

std::string to_string(const api_url& url) {
  return (url.tls ? "https://" : "http://") + bracketed(url.host) + ':' + std::to_string(url.port);
}

std::string_view without_final_dot(std::string_view host) noexcept {
  return host.substr(0, host.size() - (host.ends_with('.') ? 1 : 0));
}

std::string bracketed(const std::string& host) { return host.find(':') == std::string::npos ? host : '[' + host + ']'; }

}  // namespace sidecar::config
