#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <string>

#include "sidecar/net/stream.hpp"

namespace sidecar::net {

/// A connection that this process opens.
class client_stream : public stream {
 public:
  explicit client_stream(const boost::asio::any_io_executor& executor) : stream(tcp::socket{executor}) {}

  boost::asio::awaitable<error_code> connect(tcp::endpoint endpoint);

  /// Refuses a peer whose certificate is not for `host` (net::expect_peer).
  boost::asio::awaitable<error_code> handshake(tls_context context, std::string host);

  /// True while the peer has neither closed nor sent unread bytes, so its next bytes respond to our next ones. For TLS
  /// only data and its end count; session tickets (RFC 8446, 4.6.1) are consumed. After false the connection can only
  /// be closed. Not during a read. One system call.
  bool is_quiet() noexcept;

  boost::asio::any_io_executor executor() { return socket_.get_executor(); }
};

}  // namespace sidecar::net
