#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "sidecar/net/tls.hpp"

namespace sidecar::net {

/// A TCP connection, accepted or opened, that becomes TLS by a handshake. One read and one write at a time; it must
/// outlive them.
///
/// The owner keeps the time: `expire` ends the pending operation, and every later one fails at once with timed_out, so
/// a sequence of operations needs no check in between.
class stream {
 public:
  using tcp = boost::asio::ip::tcp;
  using error_code = boost::system::error_code;

  /// For an accepted connection.
  explicit stream(tcp::socket accepted) noexcept : socket_(std::move(accepted)) {}
  /// For a connection that `connect` opens.
  explicit stream(const boost::asio::any_io_executor& executor) : socket_(executor) {}
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;

  boost::asio::awaitable<error_code> connect(tcp::endpoint endpoint);

  /// Refuses a peer whose certificate is not for `host` (net::expect_peer).
  boost::asio::awaitable<error_code> handshake_as_client(tls_context context, std::string host);

  /// `received`: the bytes already read of the client's first flight; valid until the handshake ends.
  boost::asio::awaitable<error_code> handshake_as_server(tls_context context, boost::asio::const_buffer received);

  /// Errors: eof if the peer has closed its side, with TLS's close_notify or without; so only the bytes themselves can
  /// show that nothing was cut off.
  boost::asio::awaitable<std::pair<error_code, std::size_t>> read_some(boost::asio::mutable_buffer buffer);

  boost::asio::awaitable<error_code> write(boost::asio::const_buffer bytes);

  /// What follows the bytes.
  enum class following : std::uint8_t { more, end };

  /// Writes what the kernel takes without waiting, usually a whole answer; returns the number of bytes. 0 for TLS, and
  /// on an error, which `write` then reports. Before an `end` the bytes leave together with it, by end_output.
  std::size_t write_now(boost::asio::const_buffer bytes, following next = following::more) noexcept;

  /// Lingering close: ends the output, then reads and drops up to `max_bytes` until the peer closes its side. Closing
  /// with unread bytes would send a reset, which destroys an answer on its way to the peer.
  boost::asio::awaitable<void> finish(std::size_t max_bytes);

  /// Ends the output: TLS's close_notify, then FIN.
  boost::asio::awaitable<void> end_output();

  /// The deadline has passed. A TLS connection is closed, since an interrupted operation leaves it unusable.
  void expire() noexcept;
  /// Allows operations again, for a last answer. Not for TLS.
  void renew() noexcept { expired_ = false; }
  bool has_expired() const noexcept { return expired_; }

  boost::asio::any_io_executor executor() { return socket_.get_executor(); }

  void close() noexcept;
  bool is_open() const noexcept { return socket_.is_open(); }
  bool is_tls() const noexcept { return tls_ != nullptr; }

  /// True while the peer has neither closed nor sent unread bytes, so its next bytes respond to our next ones. For TLS
  /// only data and its end count; session tickets (RFC 8446, 4.6.1) are consumed. After false the connection can only
  /// be closed. Not during a read. One system call.
  bool is_quiet() noexcept;

  /// There are bytes to read, or the end of the stream. One system call.
  bool has_input() noexcept;

  /// Call after a failed handshake, whose alert has been written: frees the memory of TLS. The connection can then only
  /// be closed.
  void drop_tls() noexcept { tls_.reset(); }

  /// Null before a handshake.
  SSL* native_tls() noexcept { return tls_ ? tls_->native_handle() : nullptr; }

 private:
  error_code result_of(error_code outcome) const;
  SSL* begin_tls(tls_context context);

  tcp::socket socket_;
  tls_context context_;  ///< outlives tls_
  std::unique_ptr<boost::asio::ssl::stream<tcp::socket&>> tls_;
  bool expired_ = false;
};

}  // namespace sidecar::net
