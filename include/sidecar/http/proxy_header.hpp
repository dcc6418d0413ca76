#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sidecar::http {

/// The maximum size of a version 1 header, a line with its CRLF (PROXY protocol, 2.1).
inline constexpr std::size_t proxy_line_bytes = 107;
/// The maximum size of a version 2 header. The protocol allows 64 KiB; addresses and all TLVs that proxies add have a
/// few hundred bytes.
inline constexpr std::size_t proxy_header_bytes = 2 * 1024;

/// The first bytes of a connection.
struct proxy_header {
  enum class kind : std::uint8_t {
    absent,     ///< no header
    need_more,  ///< an incomplete header, or still undecided
    complete,   ///< the first `size` bytes are a header
    malformed,  ///< they start as a header
  };

  proxy_header::kind what = proxy_header::kind::absent;
  std::size_t size = 0;
};

/// PURE. Looks for a PROXY protocol header, version 1 or 2, at the start of `bytes`, all bytes of the connection so
/// far. Strict, as the protocol requires: the line must be exact, the addresses of a binary header must fit their
/// family. LOCAL and UNKNOWN, which load balancers' own checks send, are accepted.
/// https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt
proxy_header read_proxy_header(std::string_view bytes) noexcept;

/// The source address in a complete header: "192.0.2.1", or "the proxy itself".
std::string proxied_source(std::string_view header);

}  // namespace sidecar::http
