#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "sidecar/net/stream.hpp"

namespace sidecar::net {

/// An accepted connection.
class server_stream : public stream {
 public:
  explicit server_stream(tcp::socket accepted) noexcept : stream(std::move(accepted)) {}

  /// `received`: the bytes already read of the client's first flight; valid until the handshake ends.
  boost::asio::awaitable<error_code> handshake(tls_context context, boost::asio::const_buffer received);

  /// Call after a failed handshake, whose alert has been written: frees the memory of TLS. The connection can then only
  /// be closed.
  void drop_tls() noexcept { tls_.reset(); }

  /// What follows the bytes.
  enum class following : std::uint8_t { more, end };

  /// Writes what the kernel takes without waiting, usually a whole answer; returns the number of bytes. 0 for TLS, and
  /// on an error, which `write` then reports. Before an `end` the bytes leave together with it, by end_output.
  std::size_t write_now(boost::asio::const_buffer bytes, following next = following::more) noexcept;

  /// Allows operations again after `expire`, for a last answer. Not for TLS.
  void renew() noexcept { expired_ = false; }

  /// Lingering close: ends the output, then reads and drops up to `max_bytes` until the peer closes its side. Closing
  /// with unread bytes would send a reset, which destroys an answer on its way to the peer.
  boost::asio::awaitable<void> finish(std::size_t max_bytes);
};

}  // namespace sidecar::net
