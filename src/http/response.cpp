#include "sidecar/http/response.hpp"

namespace sidecar::http {
namespace {

/// An answer is written into memory of this size, which the longest fits.
constexpr std::size_t answer_bytes = 320;

struct refusal_text {
  unsigned status;
  std::string_view phrase;
  std::string_view body = phrase;
  std::string_view extra = "";
};

refusal_text refusal_text_of(refusal why) noexcept {
  switch (why) {
    case refusal::tls_required:
      return {400, "Bad Request", "This port speaks TLS"};
    case refusal::bad_request:
      break;
    case refusal::not_found:
      return {404, "Not Found"};
    case refusal::method_not_allowed:
      return {405, "Method Not Allowed", "Method Not Allowed", "Allow: GET, HEAD, OPTIONS\r\n"};
    case refusal::request_timeout:
      return {408, "Request Timeout"};
    case refusal::content_too_large:
      return {413, "Content Too Large"};
    case refusal::head_too_large:
      return {431, "Request Header Fields Too Large"};
    case refusal::version_not_supported:
      return {505, "HTTP Version Not Supported"};
  }
  return {400, "Bad Request"};
}

}  // namespace

void begin_head(std::string& bytes, unsigned status, std::string_view phrase, std::size_t body_size,
                std::string_view content_type) {
  bytes.clear();
  bytes.reserve(answer_bytes);
  bytes.append("HTTP/1.1 ").append(std::to_string(status)).append(" ").append(phrase).append("\r\n");
  bytes.append("Content-Type: ").append(content_type).append("\r\n");
  bytes.append("Content-Length: ").append(std::to_string(body_size)).append("\r\n");
  bytes.append("Cache-Control: no-store\r\n");
  bytes.append("X-Content-Type-Options: nosniff\r\n");
}

void end_head(std::string& bytes, connection_header connection) {
  if (connection == connection_header::keep_alive) bytes.append("Connection: keep-alive\r\n");
  if (connection == connection_header::close) bytes.append("Connection: close\r\n");
  bytes.append("\r\n");
}

std::string responses::render(const health::answer& given, connection_header connection, bool with_body,
                              std::string bytes) const {
  const auto why = given.verdict.reason;
  const bool healthy = given.verdict.state == health::state::healthy;
  const auto phrase = healthy ? healthy_body : health::name(why);
  const std::string_view before_phrase = healthy ? "" : "UNAVAILABLE ";  // in the body
  begin_head(bytes, status(given.verdict), phrase, before_phrase.size() + phrase.size());
  if (health::is_drain(why)) bytes.append("X-Health-Drain: true\r\n");
  // In node mode what is not healthy has no ready pods, the agent itself (/nodez) too.
  if (given.weight || (mode_ == config::run_mode::node && !healthy)) {
    const auto ready = std::to_string(given.weight.value_or(0));
    bytes.append("X-Load-Balancing-Endpoint-Weight: ").append(ready).append("\r\n");
  }
  if (given.held) bytes.append("X-Health-Held: ").append(std::to_string(given.held->count())).append("\r\n");
  end_head(bytes, connection);
  if (with_body) bytes.append(before_phrase).append(phrase);
  return bytes;
}

std::string responses::render(refusal why, connection_header connection, bool with_body, std::string bytes) const {
  const auto text = refusal_text_of(why);
  begin_head(bytes, status(why), text.phrase, text.body.size());
  bytes.append(text.extra);
  end_head(bytes, connection);
  if (with_body) bytes.append(text.body);
  return bytes;
}

std::string responses::render_alive(connection_header connection, bool with_body, std::string bytes) const {
  begin_head(bytes, 200, "OK", healthy_body.size());
  end_head(bytes, connection);
  if (with_body) bytes.append(healthy_body);
  return bytes;
}

std::uint16_t responses::status(const health::verdict& given) const noexcept {
  return static_cast<std::uint16_t>(health::status_of(given, statuses_));
}

std::uint16_t responses::status(refusal why) const noexcept {
  const auto usual = refusal_text_of(why).status;
  const bool means_drain = usual == statuses_.drain && (usual != statuses_.down || usual == 404);
  if (!means_drain) return static_cast<std::uint16_t>(usual);
  return usual == 400 ? 404 : 400;
}

}  // namespace sidecar::http
