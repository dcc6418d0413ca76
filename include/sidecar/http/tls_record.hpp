#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "sidecar/http/limits.hpp"

namespace sidecar::http {

/// True if a connection's first bytes are a TLS handshake (RFC 8446, 5.1); no request starts with that byte.
constexpr bool looks_like_tls(std::string_view bytes) noexcept { return bytes.starts_with('\x16'); }

/// True if the client's first TLS record is complete, or fills the buffer of a head. A handshake does not begin
/// earlier, so that a client with half a ClientHello takes no place among the handshakes.
constexpr bool has_first_tls_record(std::string_view bytes) noexcept {
  constexpr std::size_t header = 5;  // type, version, length
  if (bytes.size() < header) return false;
  const auto byte = [bytes](std::size_t position) {
    return static_cast<std::size_t>(static_cast<unsigned char>(bytes[position]));
  };
  return bytes.size() >= std::min(header + (byte(3) << 8U | byte(4)), head_bytes);
}

}  // namespace sidecar::http
