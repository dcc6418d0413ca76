#include "sidecar/status/response.hpp"

#include <boost/beast/http/status.hpp>

namespace sidecar::status {
namespace {

std::string_view phrase(unsigned status) {
  const auto known = boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(status));
  return {known.data(), known.size()};
}

}  // namespace

std::string render(const response& given, http::connection_header connection, bool with_body) {
  std::string bytes;
  http::begin_head(bytes, given.status, phrase(given.status), given.body.size(), given.content_type);
  bytes.append("Referrer-Policy: no-referrer\r\nContent-Security-Policy: ");
  bytes.append(given.security_policy).append("\r\n");
  if (given.status == 405) bytes.append("Allow: GET, HEAD\r\n");
  http::end_head(bytes, connection);
  if (with_body) bytes.append(given.body);
  return bytes;
}

}  // namespace sidecar::status
