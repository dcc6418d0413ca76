#include "sidecar/config/config.hpp"

namespace sidecar::config {

std::string to_string(const api_url& url) {
  return (url.tls ? "https://" : "http://") + host_and_port(url.host, url.port);
}

std::string_view without_final_dot(std::string_view host) noexcept {
  return host.substr(0, host.size() - (host.ends_with('.') ? 1 : 0));
}

std::string bracketed(const std::string& host) { return host.find(':') == std::string::npos ? host : '[' + host + ']'; }

std::string host_and_port(const std::string& host, std::uint16_t port) {
  return bracketed(host) + ':' + std::to_string(port);
}

std::string host_field(std::string_view host, std::uint16_t port, bool tls) {
  const std::string name{without_final_dot(host)};
  return port == (tls ? 443 : 80) ? bracketed(name) : host_and_port(name, port);
}

}  // namespace sidecar::config
