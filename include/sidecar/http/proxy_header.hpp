#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sidecar::http {

/// A header of version 1 is a line of at most this many bytes, its CRLF included (PROXY protocol, 2.1).
inline constexpr std::size_t proxy_line_bytes = 107;
/// The most that a header of version 2 may have. The protocol allows 64 KiB; addresses and every TLV that proxies are
/// known to add make a few hundred bytes.
inline constexpr std::size_t proxy_header_bytes = 2 * 1024;

/// What the first bytes of a connection are.
struct proxy_header {
  enum class kind : std::uint8_t {
    absent,     ///< something else
    need_more,  ///< they may still become one, or are an unfinished one
    complete,   ///< the first `size` bytes are one
    malformed,  ///< they began as one
  };

  proxy_header::kind what = proxy_header::kind::absent;
  std::size_t size = 0;
};

/// Looks for a header of the PROXY protocol, version 1 or 2, at the beginning of `bytes`: all that a connection has
/// brought so far. Strict, as the protocol wants it: a line must be exact, a binary header's addresses must fit their
/// family. LOCAL and UNKNOWN, which load balancers' own checks carry, are fine.
/// https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt
proxy_header read_proxy_header(std::string_view bytes) noexcept;

/// Where the connection came from by a complete header, for the debug log: "192.0.2.1:4711", or "the proxy itself".
std::string proxied_source(std::string_view header);

}  // namespace sidecar::http
