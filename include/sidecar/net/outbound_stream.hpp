#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sidecar/net/tls.hpp"
#include "sidecar/net/tls_connection.hpp"

namespace sidecar::net {

/// One outbound connection, plain or TLS. Nothing here has a time limit: whoever owns the stream closes it when time is
/// up, and every pending operation then ends with an error (Beast 1.81's own deadlines do not bound a fast sender).
/// Owned by a shared_ptr that outlives its operations; one operation of a kind at a time.
class outbound_stream {
 public:
  /// Plain TCP when `context` is null.
  outbound_stream(const boost::asio::any_io_executor& executor, tls_context context);

  /// Tries the endpoints in order. One that says nothing for `patience` goes to the end of the line and is tried again
  /// from another port (behind a Service address that may lead to another server), until the owner closes.
  boost::asio::awaitable<boost::system::error_code> connect(std::vector<boost::asio::ip::tcp::endpoint> endpoints,
                                                            std::chrono::nanoseconds patience);

  /// TLS only; does nothing on a plain stream. `host` as in expect_peer.
  boost::asio::awaitable<boost::system::error_code> handshake(std::string host);

  boost::asio::awaitable<boost::system::error_code> write(boost::asio::const_buffer bytes);

  boost::asio::awaitable<std::pair<boost::system::error_code, std::size_t>> read_some(boost::asio::mutable_buffer into);

  /// Closes the socket without a TLS goodbye: waiting for one can hang for ever (boostorg/beast#2807).
  void close() noexcept;

  bool is_open() const noexcept { return socket_.is_open(); }

  /// True while the peer has neither closed nor sent anything that was not read: what it says next is about what it is
  /// asked next. One system call.
  bool is_quiet() noexcept;

  /// Why the last handshake refused the peer's certificate; empty if it did not.
  std::string verification_failure();

  /// What went wrong in TLS, in words; empty if nothing did, or the connection merely ended.
  std::string tls_failure() const;

  boost::asio::ip::tcp::endpoint peer() const noexcept;

 private:
  boost::asio::awaitable<boost::system::error_code> connect_to(boost::asio::ip::tcp::endpoint endpoint,
                                                               std::chrono::nanoseconds patience);

  boost::asio::awaitable<boost::system::error_code> ready(tls_connection::outcome what);

  tls_context context_;
  boost::asio::ip::tcp::socket socket_;
  std::unique_ptr<tls_connection> tls_;  // since the handshake began
  bool closed_ = false;
};

}  // namespace sidecar::net
