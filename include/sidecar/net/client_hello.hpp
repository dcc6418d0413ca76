#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sidecar::net {

/// With its record's header: no load balancer's is larger, and what a client sends before it has shown who it is must
/// not cost more than a request's head.
inline constexpr std::size_t longest_client_hello = 8 * 1024;

// RFC 8446, 5.1 and 4.
inline constexpr std::size_t tls_record_header = 5;     ///< type, version, length
inline constexpr std::size_t tls_handshake_header = 4;  ///< type, length

/// What the record says of its own size, its header apart. `bytes` hold that header at least.
std::size_t tls_record_size(std::string_view bytes) noexcept;

enum class client_hello : std::uint8_t { incomplete, complete, refused };

/// Looks at the first bytes of a record that should be a ClientHello (RFC 8446, 4.1.2): is the whole of it there?
/// Until it is nothing is spent on TLS: OpenSSL would make room for as many bytes as a peer claims to send, up to
/// 131 kB. Refused is one that is too long, or that does not fill one record, as nobody sends it.
client_hello read_client_hello(std::string_view bytes) noexcept;

}  // namespace sidecar::net
