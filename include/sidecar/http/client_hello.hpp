#pragma once

#include <cstdint>
#include <string_view>

namespace sidecar::http {

enum class client_hello : std::uint8_t { incomplete, complete, refused };

/// Looks at the first bytes of a connection that begins TLS (RFC 8446, 4.1.2 and 5.1): is the whole ClientHello there?
/// Until it is nothing is spent on TLS: OpenSSL would make room for as many bytes as a peer claims to send, up to
/// 131 kB. Refused is one larger than a request's head may be, or that does not fill one record, as nobody sends it.
client_hello read_client_hello(std::string_view bytes) noexcept;

}  // namespace sidecar::http
