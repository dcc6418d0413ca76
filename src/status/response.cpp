#include "sidecar/status/response.hpp"

#include <boost/beast/http/status.hpp>

namespace sidecar::status {
namespace {

std::string_view connection_field(http::connection_header connection) {
  switch (connection) {
    case http::connection_header::none:
      return "";
    case http::connection_header::keep_alive:
      return "Connection: keep-alive\r\n";
    case http::connection_header::close:
      break;
  }
  return "Connection: close\r\n";
}

std::string_view phrase(unsigned status) {
  const auto known = boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(status));
  return {known.data(), known.size()};
}

}  // namespace

std::string render(const response& given, http::connection_header connection, bool with_body) {
  std::string bytes = "HTTP/1.1 " + std::to_string(given.status) + ' ';
  bytes.append(phrase(given.status)).append("\r\nContent-Type: ").append(given.content_type);
  bytes.append("\r\nContent-Length: ").append(std::to_string(given.body.size()));
  bytes.append("\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer");
  bytes.append("\r\nContent-Security-Policy: ").append(given.security_policy).append("\r\n");
  if (given.status == 405) bytes.append("Allow: GET, HEAD\r\n");
  bytes.append(connection_field(connection)).append("\r\n");
  if (with_body) bytes.append(given.body);
  return bytes;
}

}  // namespace sidecar::status
