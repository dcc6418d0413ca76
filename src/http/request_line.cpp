#include "sidecar/http/request_line.hpp"

#include <algorithm>

#include "sidecar/base/ascii.hpp"
#include "sidecar/http/limits.hpp"
#include "sidecar/http/tls_record.hpp"

namespace sidecar::http {
namespace {

using line_kind = request_line::kind;

/// Words are separated by spaces only; trailing spaces are ignored.
std::string_view last_word(std::string_view line) noexcept {
  line = line.substr(0, line.find_last_not_of(' ') + 1);
  return line.substr(line.rfind(' ') + 1);
}

line_kind judge(std::string_view line) noexcept {
  constexpr std::string_view get = "GET ";
  line.remove_suffix(1);
  const bool ends_with_crlf = line.ends_with('\r');
  if (ends_with_crlf) line.remove_suffix(1);
  if (is_http_version(last_word(line))) return line_kind::http;
  const bool is_simple_get = ends_with_crlf && line.starts_with(get) && line.size() > get.size() &&
                             std::ranges::all_of(line.substr(get.size()), is_visible);
  return is_simple_get ? line_kind::http_0_9 : line_kind::not_http;
}

}  // namespace

bool is_http_version(std::string_view word) noexcept {
  return word.size() == 8 && word.starts_with("HTTP/") && is_digit(word[5]) && word[6] == '.' && is_digit(word[7]);
}

request_line read_request_line(std::string_view bytes) noexcept {
  if (bytes.empty()) return {line_kind::unfinished};
  if (bytes.front() != ' ' && !is_visible(bytes.front())) return {line_kind::not_http};
  const auto bounded = bytes.substr(0, head_bytes);
  const auto line_feed = bounded.find('\n');
  if (line_feed == bounded.npos) return {bounded.size() < head_bytes ? line_kind::unfinished : line_kind::not_http};
  return {judge(bounded.substr(0, line_feed + 1)), line_feed + 1};
}

std::string_view explain_silence(std::string_view bytes) noexcept {
  if (looks_like_tls(bytes)) {
    return "a client speaks TLS to the health port, which answers plain HTTP only: set TLS_CERT and TLS_KEY, or "
           "configure the check without TLS";
  }
  if (bytes.starts_with("PROXY ") || bytes.starts_with("\r\n\r\n")) {
    return "a client sends a malformed header of the PROXY protocol, or a second one, and gets no answer: check what "
           "its proxies add";
  }
  return "a client sends no HTTP request and gets no answer: correct its check, for instance to "
         "GET /healthz HTTP/1.1";
}

}  // namespace sidecar::http
