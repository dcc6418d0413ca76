#include "sidecar/http/response.hpp"

namespace sidecar::http {
namespace {

struct refusal_text {
  refusal why;
  unsigned status;
  std::string_view phrase;
  std::string_view body;
  std::string_view extra;
};

constexpr std::array refusal_texts{
    refusal_text{refusal::tls_required, 400, "Bad Request", "This port speaks TLS", ""},
    refusal_text{refusal::bad_request, 400, "Bad Request", "Bad Request", ""},
    refusal_text{refusal::not_found, 404, "Not Found", "Not Found", ""},
    refusal_text{refusal::method_not_allowed, 405, "Method Not Allowed", "Method Not Allowed",
                 "Allow: GET, HEAD, OPTIONS\r\n"},
    refusal_text{refusal::request_timeout, 408, "Request Timeout", "Request Timeout", ""},
    refusal_text{refusal::content_too_large, 413, "Content Too Large", "Content Too Large", ""},
    refusal_text{refusal::head_too_large, 431, "Request Header Fields Too Large", "Request Header Fields Too Large",
                 ""},
    refusal_text{refusal::version_not_supported, 505, "HTTP Version Not Supported", "HTTP Version Not Supported", ""},
};

constexpr std::size_t index_of(refusal why) noexcept {
  std::size_t index = 0;
  while (index + 1 < refusal_texts.size() && refusal_texts[index].why != why) ++index;
  return index;
}

constexpr std::array all_connection_headers{connection_header::none, connection_header::keep_alive,
                                            connection_header::close};

constexpr std::size_t index_of(connection_header connection) noexcept { return static_cast<std::size_t>(connection); }
std::string weight_header(unsigned ready) {
  return "X-Load-Balancing-Endpoint-Weight: " + std::to_string(ready) + "\r\n";
}

constexpr std::size_t index_of(health::reason why) noexcept { return static_cast<std::size_t>(why); }

}  // namespace

responses::responses(health::unhealthy_statuses statuses, config::run_mode mode) : statuses_(statuses) {
  static_assert(refusal_texts.size() == refusals);
  static_assert(all_connection_headers.size() == connection_headers);
  for (const auto connection : all_connection_headers) {
    for (std::size_t index = 0; index < health::reason_count; ++index) {
      const auto why = static_cast<health::reason>(index);
      const bool has_weight = mode == config::run_mode::node && health::verdict_of(why).state != health::state::healthy;
      verdicts_[index][index_of(connection)] =
          render_verdict(why, has_weight ? weight_header(0) : std::string{}, connection);
    }
    for (std::size_t index = 0; index < refusals; ++index) {
      const auto& text = refusal_texts[index];
      refusals_[index][index_of(connection)] =
          render(status_of_refusal(text.status), text.phrase, text.body, text.extra, connection);
    }
    alive_[index_of(connection)] = render(200, "OK", "OK", "", connection);
    if (mode == config::run_mode::sidecar) continue;
    weighted_.resize(ready_weights);
    for (unsigned weight = 1; weight <= ready_weights; ++weight) {
      weighted_[weight - 1][index_of(connection)] = render(200, "OK", healthy_body, weight_header(weight), connection);
    }
  }
}

std::string_view responses::ready(const health::answer& given, connection_header connection,
                                  bool with_body) const noexcept {
  if (given.held) return {};
  const auto weight = given.weight.value_or(0);
  if (weight == 0) return verdicts_[index_of(given.verdict.reason)][index_of(connection)].view(with_body);
  if (weight > weighted_.size()) return {};
  return weighted_[weight - 1][index_of(connection)].view(with_body);
}

std::string responses::render(const health::answer& given, connection_header connection, bool with_body) const {
  std::string extra;
  if (given.weight) extra.append(weight_header(*given.weight));
  if (given.held) extra.append("X-Health-Held: ").append(std::to_string(given.held->count())).append("\r\n");
  return std::string(render_verdict(given.verdict.reason, extra, connection).view(with_body));
}

std::string_view responses::alive(connection_header connection, bool with_body) const noexcept {
  return alive_[index_of(connection)].view(with_body);
}

std::string_view responses::refused(refusal why, connection_header connection, bool with_body) const noexcept {
  return refusals_[index_of(why)][index_of(connection)].view(with_body);
}

std::uint16_t responses::status(const health::verdict& given) const noexcept {
  return static_cast<std::uint16_t>(health::status_of(given, statuses_));
}

std::uint16_t responses::status(refusal why) const noexcept {
  return static_cast<std::uint16_t>(status_of_refusal(refusal_texts[index_of(why)].status));
}

std::string_view responses::rendered::view(bool with_body) const noexcept {
  return with_body ? std::string_view(bytes) : std::string_view(bytes).substr(0, head);
}

responses::rendered responses::render(unsigned status, std::string_view phrase, std::string_view body,
                                      std::string_view extra, connection_header connection) {
  rendered made;
  made.bytes.reserve(320);
  made.bytes.append("HTTP/1.1 ").append(std::to_string(status)).append(" ").append(phrase).append("\r\n");
  made.bytes.append("Content-Type: text/plain; charset=utf-8\r\n");
  made.bytes.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
  made.bytes.append("Cache-Control: no-store\r\n");
  made.bytes.append("X-Content-Type-Options: nosniff\r\n");
  made.bytes.append(extra);
  if (connection == connection_header::keep_alive) made.bytes.append("Connection: keep-alive\r\n");
  if (connection == connection_header::close) made.bytes.append("Connection: close\r\n");
  made.bytes.append("\r\n");
  made.head = made.bytes.size();
  made.bytes.append(body);
  made.bytes.shrink_to_fit();
  return made;
}

responses::rendered responses::render_verdict(health::reason why, std::string_view extra,
                                              connection_header connection) const {
  if (health::verdict_of(why).state == health::state::healthy)
    return render(200, "OK", healthy_body, extra, connection);
  const auto phrase = health::name(why);
  const std::string body = "UNAVAILABLE " + std::string(phrase);
  if (!health::is_drain(why)) return render(statuses_.down, phrase, body, extra, connection);
  return render(statuses_.drain, phrase, body, std::string("X-Health-Drain: true\r\n").append(extra), connection);
}

unsigned responses::status_of_refusal(unsigned usual) const noexcept {
  const bool means_drain = usual == statuses_.drain && (usual != statuses_.down || usual == 404);
  if (!means_drain) return usual;
  return usual == 400 ? 404 : 400;
}

}  // namespace sidecar::http
