#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "sidecar/net/client_hello.hpp"

namespace sidecar::net {

/// Watches what a TLS client sends for a ClientHello larger than any load balancer's, for which OpenSSL would make
/// room, up to 131 kB, as soon as one is announced: before anybody has shown who it is. There may be two, the second
/// after a HelloRetryRequest (RFC 8446, 4.1.2); OpenSSL has lower limits for every other message. Each must fill a
/// record of its own. Pure.
class hello_watch {
 public:
  /// Takes the next bytes of the client's stream, from its first on. False if they must not reach OpenSSL; the watch is
  /// of no more use then.
  bool allows(std::string_view bytes) noexcept;

 private:
  std::string_view start() const noexcept { return {start_.data(), have_}; }
  bool is_read() const noexcept;
  bool judge() noexcept;

  /// Of the record under way: its header, and that of a handshake message.
  std::array<char, tls_record_header + tls_handshake_header> start_{};
  std::size_t have_ = 0;  ///< bytes of it
  std::size_t skip_ = 0;  ///< bytes until the next record
  int left_ = 2;          ///< handshake records that may be a ClientHello
};

}  // namespace sidecar::net
