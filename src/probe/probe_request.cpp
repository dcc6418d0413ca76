#include "sidecar/probe/probe_request.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "sidecar/base/ascii.hpp"
#include "sidecar/base/log.hpp"
#include "sidecar/base/version.hpp"

namespace sidecar::probe {
namespace {

using config::parsed;
using config::refusal;

refusal url_refusal() {
  return {"write http://host:port/path or https://..., with an IP address ([::1] in brackets) or a DNS name"};
}

/// RFC 9110, 5.6.2
bool is_token(std::string_view text) {
  constexpr std::string_view separators = "\"(),/:;<=>?@[\\]{}";
  return !text.empty() && std::ranges::all_of(text, [separators](char c) {
    return is_visible(c) && separators.find(c) == std::string_view::npos;
  });
}

std::string_view name_of(std::string_view header) { return header.substr(0, header.find(':')); }

bool has_header(const probe_request& request, std::string_view name) {
  return std::ranges::any_of(request.headers,
                             [name](const auto& header) { return equal_ignoring_case(name_of(header), name); });
}

}  // namespace

parsed<std::string> parse_probe_target(std::string_view text) {
  if (text.empty() || text.starts_with('?')) return std::string{"/"}.append(text);
  if (text.find('#') != std::string_view::npos) return refusal{"leave out the fragment (#...): it is never sent"};
  if (!std::ranges::all_of(text, is_visible)) {
    return refusal{"escape blanks, control characters and what is not ASCII in the path, as in %20"};
  }
  return std::string{text};
}

parsed<probe_url> parse_probe_url(std::string_view text) {
  const auto scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) return url_refusal();
  const auto scheme = to_lower(text.substr(0, scheme_end));
  if (scheme != "http" && scheme != "https") return url_refusal();
  probe_url url{.tls = scheme == "https", .port = static_cast<std::uint16_t>(scheme == "https" ? 443 : 80)};
  text.remove_prefix(scheme_end + 3);
  const auto authority = text.substr(0, text.find_first_of("/?#"));
  auto target = parse_probe_target(text.substr(authority.size()));
  if (auto* refused = std::get_if<refusal>(&target)) return std::move(*refused);
  url.target = std::get<std::string>(std::move(target));
  if (authority.find('@') != std::string_view::npos) {
    return refusal{"leave out the user: write --header 'Authorization: ...' if the server wants one"};
  }
  const auto [host_text, port_text] = config::split_port(authority);
  const auto host = config::parse_host(host_text);
  const bool is_bare_ipv6 = host_text.find(':') != std::string_view::npos && !host_text.starts_with('[');
  if (!host || is_bare_ipv6) return url_refusal();
  url.host = *host;
  if (!port_text) return url;
  const auto port = config::parse_port(*port_text);
  if (!port) return refusal{"the port is a number from 1 to 65535, as in http://10.0.0.1:3000"};
  url.port = *port;
  return url;
}

std::string header_problem(std::string_view header) {
  const auto name = name_of(header);
  if (name.size() == header.size() || !is_token(name)) return "write a header as 'Name: value'";
  const bool is_clean = std::ranges::none_of(header, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
  if (!is_clean) return "a header is one line";
  constexpr std::array<std::string_view, 4> framing{"connection", "content-length", "transfer-encoding", "upgrade"};
  const auto is_name = [name](std::string_view one) { return equal_ignoring_case(one, name); };
  if (std::ranges::any_of(framing, is_name)) return "this header is not yours to set: the request has no body and ends";
  return {};
}

std::string render(const probe_request& request) {
  std::string text{"GET "};
  text.append(request.url.target).append(" HTTP/1.1\r\n");
  if (!has_header(request, "Host"))
    text.append("Host: ")
        .append(config::host_field(request.url.host, request.url.port, request.url.tls))
        .append("\r\n");
  if (!has_header(request, "User-Agent")) {
    text.append("User-Agent: http-healthcheck-sidecar-probe/").append(version).append("\r\n");
  }
  for (const auto& header : request.headers) text.append(header).append("\r\n");
  return text.append("Connection: close\r\n\r\n");
}

}  // namespace sidecar::probe
