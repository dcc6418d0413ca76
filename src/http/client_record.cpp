#include "sidecar/http/client_record.hpp"

namespace sidecar::http {
namespace {

client_protocol protocol_of(const request& asked) noexcept {
  if (asked.target.empty()) return client_protocol::none;
  if (asked.is_http_0_9) return client_protocol::http_0_9;
  return asked.http_1_1 ? client_protocol::http_1_1 : client_protocol::http_1_0;
}

}  // namespace

std::string_view name(client_protocol protocol) noexcept {
  switch (protocol) {
    case client_protocol::none:
      break;
    case client_protocol::http_0_9:
      return "HTTP/0.9";
    case client_protocol::http_1_0:
      return "HTTP/1.0";
    case client_protocol::http_1_1:
      return "HTTP/1.1";
    case client_protocol::agent:
      return "agent";
  }
  return "none";
}

std::string_view name(method asked) noexcept {
  switch (asked) {
    case method::get:
      return "GET";
    case method::head:
      return "HEAD";
    case method::options:
      return "OPTIONS";
    case method::other:
      break;
  }
  return "other";
}

void client_request::read(const request& asked) noexcept {
  protocol = protocol_of(asked);
  method = protocol == client_protocol::none ? method::other : asked.method;
  path.assign(asked.target);
  host.assign(asked.host);
  user_agent.assign(asked.user_agent);
}

}  // namespace sidecar::http
