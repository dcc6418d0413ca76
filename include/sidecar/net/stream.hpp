#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <memory>
#include <utility>

#include "sidecar/net/tls.hpp"

namespace sidecar::net {

/// A TCP connection that becomes TLS by a handshake: what client_stream and server_stream have in common. One read and
/// one write at a time; it must outlive them.
///
/// The owner keeps the time: `expire` ends the pending operation, and every later one fails at once with timed_out, so
/// a sequence of operations needs no check in between.
class stream {
 public:
  using tcp = boost::asio::ip::tcp;
  using error_code = boost::system::error_code;

  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;

  /// Errors: eof if the peer has closed its side, with TLS's close_notify or without; so only the bytes themselves can
  /// show that nothing was cut off.
  boost::asio::awaitable<std::pair<error_code, std::size_t>> read_some(boost::asio::mutable_buffer buffer);

  boost::asio::awaitable<error_code> write(boost::asio::const_buffer bytes);

  /// Ends the output: TLS's close_notify, then FIN.
  boost::asio::awaitable<void> end_output();

  /// The deadline has passed. A TLS connection is closed, since an interrupted operation leaves it unusable.
  void expire() noexcept;
  bool has_expired() const noexcept { return expired_; }

  void close() noexcept;
  bool is_open() const noexcept { return socket_.is_open(); }

  /// There are bytes to read, or the end of the stream. One system call.
  bool has_input() noexcept;

  bool is_tls() const noexcept { return tls_ != nullptr; }
  /// Null before a handshake.
  SSL* native_tls() noexcept { return tls_ ? tls_->native_handle() : nullptr; }

 protected:
  using tls_stream = boost::asio::ssl::stream<tcp::socket&>;

  explicit stream(tcp::socket socket) noexcept : socket_(std::move(socket)) {}
  ~stream() = default;

  /// The TLS connection before its handshake.
  SSL* begin_tls(tls_context context);
  /// timed_out in place of what an expired operation says.
  error_code result_of(error_code outcome) const;
  /// The same for a TLS operation: nearly every load balancer closes TLS without a close_notify, which is an eof here.
  error_code tls_result_of(error_code outcome) const;

  tcp::socket socket_;

 private:
  tls_context context_;  ///< outlives tls_

 protected:
  std::unique_ptr<tls_stream> tls_;
  bool expired_ = false;
};

}  // namespace sidecar::net
