#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sidecar::http {

/// The kind of a request's first line. Many load balancers count any byte in response as up, so only a client that
/// speaks HTTP gets an error answer: F5's documents suggest `HTTP GET /path`, which is no request, and count a 400 as
/// healthy.
struct request_line {
  enum class kind : std::uint8_t {
    unfinished,  ///< still undecided; a line that never ends is `not_http`
    http,        ///< its last word is HTTP/d.d: an error answer is allowed
    http_0_9,    ///< `GET SP target CRLF` (RFC 1945, 4.1): the bare body if healthy, else nothing
    not_http,    ///< gets no byte
  };

  request_line::kind what = request_line::kind::unfinished;
  std::size_t size = 0;  ///< of a complete line with its end, which may be a bare line feed
};

/// PURE. "HTTP/d.d", whatever its digits (RFC 9112, 2.3); case-sensitive.
bool is_http_version(std::string_view word) noexcept;

/// PURE. `bytes`: all since the end of the previous request. A line without an end within `head_bytes` is `not_http`;
/// so are bytes that start with a control character (TLS, an empty line, the PROXY protocol's version 2) or outside
/// ASCII.
request_line read_request_line(std::string_view bytes) noexcept;

/// PURE. For the log: why the client that sent these bytes gets no answer, and what to do about it.
std::string_view explain_silence(std::string_view bytes) noexcept;

}  // namespace sidecar::http
