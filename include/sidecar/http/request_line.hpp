#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sidecar::http {

/// What the first line of a request says of its sender. To many load balancers any byte that comes back is up, so that
/// only a client that speaks HTTP is told anything: F5's documents write `HTTP GET /path`, which is no request, and
/// take a 400 for a healthy pod.
struct request_line {
  enum class kind : std::uint8_t {
    unfinished,  ///< may still become any of the others; one that never ends is `not_http`
    http,        ///< its last word is HTTP/d.d: what is wrong with the rest may be said
    http_0_9,    ///< `GET SP target CRLF` (RFC 1945, 4.1): the bare body if all is well, else nothing
    not_http,    ///< must not get a byte
  };

  request_line::kind what = request_line::kind::unfinished;
  std::size_t size = 0;  ///< of a line that is complete, its end included; it may end with a bare line feed
};

/// `bytes`: all that came since the end of the request before. Pure. A line that has no end within `head_bytes` is
/// `not_http`; so are bytes that begin with a control character, as TLS, an empty line and the PROXY protocol's second
/// version do, or beyond ASCII: the first two need never send a line end.
request_line read_request_line(std::string_view bytes) noexcept;

/// True if a connection's first bytes begin a TLS handshake (RFC 8446, 5.1), which no request can.
bool looks_like_tls(std::string_view bytes) noexcept;

/// For the log: why whoever sent these bytes gets none, and what to do about it.
std::string_view explain_silence(std::string_view bytes) noexcept;

}  // namespace sidecar::http
