#include "sidecar/config/parse.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "sidecar/base/ascii.hpp"
#include "sidecar/base/log.hpp"
#include "sidecar/config/config.hpp"

// Addresses, hosts, ports and URLs.
namespace sidecar::config {
namespace {

constexpr std::string_view decimal_digits = "0123456789";

// inet_pton reads a C string, so it would stop at an embedded NUL.
template <class Address>
bool is_of_family(int family, std::string_view text) {
  constexpr std::size_t max_length = 45;
  Address out{};
  return text.size() <= max_length && text.find('\0') == std::string_view::npos &&
         ::inet_pton(family, std::string{text}.c_str(), &out) == 1;
}
bool is_ipv4(std::string_view text) { return is_of_family<in_addr>(AF_INET, text); }
bool is_ipv6(std::string_view text) { return is_of_family<in6_addr>(AF_INET6, text); }

/// In the one spelling by which two addresses are compared; IPv4 in IPv6 (::ffff:127.0.0.1) as IPv4, which is bound.
std::string canonical_ipv6(std::string_view text) {
  in6_addr address{};
  ::inet_pton(AF_INET6, std::string{text}.c_str(), &address);
  std::array<char, INET6_ADDRSTRLEN> shown{};
  if (IN6_IS_ADDR_V4MAPPED(&address)) {
    ::inet_ntop(AF_INET, &address.s6_addr[12], shown.data(), shown.size());
  } else {
    ::inet_ntop(AF_INET6, &address, shown.data(), shown.size());
  }
  return shown.data();
}

bool is_dns_label(std::string_view text) noexcept {
  constexpr std::size_t max_length = 63;
  return !text.empty() && text.size() <= max_length && text.front() != '-' && text.back() != '-' &&
         std::ranges::all_of(text, [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

// A name whose last label is a number is a malformed IPv4 address, such as 10.0.0.256.
bool is_dns_name(std::string_view text) noexcept {
  constexpr std::size_t max_length = 253;
  if (text.size() > max_length) return false;
  for (auto dot = text.find('.'); dot != std::string_view::npos; dot = text.find('.')) {
    if (!is_dns_label(text.substr(0, dot))) return false;
    text.remove_prefix(dot + 1);
  }
  return is_dns_label(text) && text.find_first_not_of(decimal_digits) != std::string_view::npos;
}

std::string_view without_brackets(std::string_view host) noexcept {
  if (host.size() < 2 || !host.starts_with('[') || !host.ends_with(']')) return {};
  return host.substr(1, host.size() - 2);
}

refusal url_refusal() {
  return {"write https://host or https://host:port, with an IP address ([::1] in brackets) or a DNS name"};
}

// kubeconfigs may name the proxies of Rancher, Teleport or OpenShift, whose URLs have paths.
refusal path_refusal(std::string_view path, std::string_view without_path) {
  constexpr std::size_t max_shown = 64;
  const auto shown = log::printable(path, max_shown);
  if (path.starts_with('?')) return {"leave out the query " + shown};
  if (path.starts_with('#')) return {"leave out the fragment " + shown};
  return {"leave out the path " + shown +
          ": requests use the API server's own paths, and proxies that add a prefix are not "
          "supported; write " +
          log::printable(without_path) + " if that is an API server"};
}

parsed<api_url> parse_authority(std::string_view authority, api_url url) {
  const auto [host_text, port_text] = split_port(authority);
  if (authority.find('@') != std::string_view::npos) {
    return refusal{"leave out the user: the service account's token authenticates this process"};
  }
  const bool bare_ipv6 = host_text.find(':') != std::string_view::npos && !host_text.starts_with('[');
  const auto host = parse_host(host_text);
  if (bare_ipv6 || !host) return url_refusal();
  url.host = *host;
  if (port_text) {
    const auto port = parse_port(*port_text);
    if (!port) return refusal{"the port is a number from 1 to 65535, as in https://10.0.0.1:6443"};
    url.port = *port;
  }
  if (!url.tls && !is_loopback(url.host)) {
    return refusal{
        "http:// is for loopback addresses only, such as http://127.0.0.1:8001 of kubectl proxy; write "
        "https:// here"};
  }
  return url;
}

}  // namespace

bool is_address(std::string_view host) { return is_ipv4(host) || is_ipv6(host); }

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "::1" || (is_ipv4(host) && host.starts_with("127."));
}

split_host split_port(std::string_view text) noexcept {
  const auto host_end = text.starts_with('[') ? text.find(']') : 0;
  if (host_end == std::string_view::npos) return {text, std::nullopt};
  const auto colon = host_end == 0 ? text.rfind(':') : text.find(':', host_end);
  if (colon == std::string_view::npos) return {text, std::nullopt};
  return {text.substr(0, colon), text.substr(colon + 1)};
}

parsed<listen_address> parse_listen(std::string_view text) {
  const refusal general{"write address:port, such as [::]:3000, 0.0.0.0:3000, or :3000 for every address"};
  const auto [host, port_text] = split_port(text);
  if (is_ipv6(text)) return refusal{"put brackets round an IPv6 address, as in [::1]:3000"};
  if (!port_text) return general;
  const auto port = parse_listen_port(*port_text);
  if (!port) return refusal{"the port is a number from 0 to 65535, as in :3000"};
  if (host.empty()) return listen_address{.address = "::", .port = *port, .defaulted = true};
  if (is_ipv4(host)) return listen_address{.address = std::string{host}, .port = *port, .defaulted = false};
  const std::string_view inside = without_brackets(host);
  if (is_ipv6(inside)) return listen_address{.address = canonical_ipv6(inside), .port = *port, .defaulted = false};
  if (is_ipv6(host)) return refusal{"put brackets round an IPv6 address, as in [::1]:3000"};
  if (inside.find('%') != std::string_view::npos) return refusal{"write the IPv6 address without a zone"};
  if (is_dns_name(to_lower(host))) return refusal{"write an IP address instead of a name, or :3000 for every address"};
  return general;
}

parsed<api_url> parse_api_url(std::string_view text) {
  constexpr std::string_view https_prefix = "https://";
  constexpr std::string_view http_prefix = "http://";
  api_url url;
  url.tls = text.starts_with(https_prefix);
  if (!url.tls && !text.starts_with(http_prefix)) return url_refusal();
  url.port = url.tls ? 443 : 80;
  const auto scheme = url.tls ? https_prefix.size() : http_prefix.size();
  const auto authority = text.substr(scheme, text.find_first_of("/?#", scheme) - scheme);
  const auto rest = text.substr(scheme + authority.size());
  auto outcome = parse_authority(authority, url);
  const bool is_alone = rest.empty() || rest == "/";
  if (is_alone || std::holds_alternative<refusal>(outcome)) return outcome;
  return path_refusal(rest, text.substr(0, scheme + authority.size()));
}

std::optional<std::string> parse_host(std::string_view text) {
  const std::string_view inside = without_brackets(text);
  if (is_ipv6(inside)) return to_lower(inside);
  const std::string host = to_lower(text);
  if (is_ipv4(host) || is_ipv6(host) || is_dns_name(without_final_dot(host))) return host;
  return std::nullopt;
}

std::optional<std::string> parse_dns_name(std::string_view text) {
  std::string name = to_lower(without_final_dot(text));
  if (!is_dns_name(name)) return std::nullopt;
  return name;
}

std::optional<std::uint16_t> parse_port(std::string_view text) noexcept {
  const auto port = parse_listen_port(text);
  return port == 0 ? std::nullopt : port;
}

std::optional<std::uint16_t> parse_listen_port(std::string_view text) noexcept {
  const auto value = parse_digits(text);
  if (!value || *value > 65'535) return std::nullopt;
  return static_cast<std::uint16_t>(*value);
}

}  // namespace sidecar::config
