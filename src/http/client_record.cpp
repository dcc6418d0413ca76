#include "sidecar/http/client_record.hpp"

namespace sidecar::http {
namespace {

client_protocol protocol_of(const request& received) noexcept {
  if (received.target.empty()) return client_protocol::none;
  switch (received.version) {
    case http_version::http_0_9:
      return client_protocol::http_0_9;
    case http_version::http_1_0:
      return client_protocol::http_1_0;
    case http_version::http_1_1:
      return client_protocol::http_1_1;
  }
  return client_protocol::none;
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

std::string_view name(method requested) noexcept {
  switch (requested) {
    case method::get:
      return "GET";
    case method::head:
      return "HEAD";
    case method::options:
      return "OPTIONS";
    case method::other:
      break;
  }
  return "a method that is not allowed";
}

void client_request::read(const request& received) noexcept {
  protocol = protocol_of(received);
  method = protocol == client_protocol::none ? method::other : received.method;
  path.assign(received.target);
  host.assign(received.host);
  user_agent.assign(received.user_agent);
}

}  // namespace sidecar::http
