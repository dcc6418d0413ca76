#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "sidecar/net/tls.hpp"

namespace sidecar::net {

/// One TCP connection, accepted or made, that becomes TLS by a handshake. One read and one write at a time; it must
/// outlive them.
///
/// Time is the owner's matter: `expire` ends the operation under way, and every later one fails at once, with
/// timed_out. So a sequence of operations needs no check between them.
class stream {
 public:
  using tcp = boost::asio::ip::tcp;
  using error_code = boost::system::error_code;

  /// Of an accepted connection, which Asio may run on any thread's executor; here there is one.
  explicit stream(tcp::socket accepted) noexcept : socket_(std::move(accepted)) {}
  /// Of one that is yet to be made by `connect`.
  explicit stream(const boost::asio::any_io_executor& executor) : socket_(executor) {}
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;

  boost::asio::awaitable<error_code> connect(tcp::endpoint endpoint);

  /// Refuses a peer whose certificate is not for `host` (net::expect_peer).
  boost::asio::awaitable<error_code> handshake_as_client(tls_context context, std::string host);

  /// `received`: what has been read of the client's first flight; valid until the handshake ends.
  boost::asio::awaitable<error_code> handshake_as_server(tls_context context, boost::asio::const_buffer received);

  /// Errors: eof for a peer that has ended its side, with TLS's close_notify or without: who needs to know that nothing
  /// was cut off must see it in what is read.
  boost::asio::awaitable<std::pair<error_code, std::size_t>> read_some(boost::asio::mutable_buffer into);

  boost::asio::awaitable<error_code> write(boost::asio::const_buffer bytes);

  /// Says that no more will be written, then reads up to `max_bytes` and drops them, until the peer has ended its side.
  /// Closing at once, with bytes unread, would send a reset that destroys what was written on its way to the peer.
  boost::asio::awaitable<void> finish(std::size_t max_bytes);

  /// Says that no more will be written: TLS's close_notify, and FIN.
  boost::asio::awaitable<void> end_output();

  /// Time is up. A TLS connection is closed: an operation that was cut off halfway leaves it of no use.
  void expire() noexcept;
  /// There is time again, for an answer to say that it was up. Not for TLS.
  void renew() noexcept { expired_ = false; }
  bool has_expired() const noexcept { return expired_; }

  void close() noexcept;
  bool is_open() const noexcept { return socket_.is_open(); }
  bool is_tls() const noexcept { return tls_ != nullptr; }

  /// True while the peer has neither closed nor sent anything that was not read: what it sends next is about what it is
  /// sent next. One system call.
  bool is_quiet() noexcept;

  /// There is something to read, or the end of it. One system call.
  bool has_input() noexcept;

  /// Null before a handshake.
  SSL* native_tls() noexcept { return tls_ ? tls_->native_handle() : nullptr; }

 private:
  error_code result_of(error_code outcome) const;

  tcp::socket socket_;
  tls_context context_;  ///< outlives tls_
  std::unique_ptr<boost::asio::ssl::stream<tcp::socket&>> tls_;
  bool expired_ = false;
};

}  // namespace sidecar::net
