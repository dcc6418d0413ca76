#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "sidecar/net/peer_reactor.hpp"

namespace sidecar::net {

/// A connection that was accepted, never blocking. The reactor hears of it only once something has to be waited for:
/// most health checks have come whole by the time they are accepted, and are answered and closed without.
class peer_socket {
 public:
  /// Whether more is sent right after.
  enum class more : std::uint8_t { none, follows };

  /// Takes `descriptor`, which does not block.
  peer_socket(peer_reactor& reactor, int descriptor) noexcept : reactor_(&reactor), descriptor_(descriptor) {}
  peer_socket(peer_socket&& other) noexcept
      : reactor_(other.reactor_), descriptor_(std::exchange(other.descriptor_, closed)) {}
  peer_socket& operator=(peer_socket&&) = delete;
  ~peer_socket() { close(); }

  bool is_open() const noexcept { return descriptor_ != closed; }
  int native_handle() const noexcept { return descriptor_; }
  peer_reactor& reactor() const noexcept { return *reactor_; }

  /// See peer_reactor.
  void wait(peer_reactor::until wanted, std::unique_ptr<turn_taker> who) {
    reactor_->wait(descriptor_, wanted, std::move(who));
  }
  void queue(std::unique_ptr<turn_taker> who) noexcept { reactor_->queue(std::move(who)); }
  /// Whoever waits gets a turn.
  void wake() noexcept { reactor_->wake(descriptor_); }

  /// Without waiting: would_block. Errors: the system's; eof.
  std::size_t read_some(boost::asio::mutable_buffer into, boost::system::error_code& failed) noexcept;
  /// What `follows` may be the end that shutdown_send tells of: both leave in one packet then, and not before.
  std::size_t write_some(boost::asio::const_buffer from, more what, boost::system::error_code& failed) noexcept;
  void shutdown_send(boost::system::error_code& failed) noexcept;
  /// Bytes that can be read without waiting.
  std::size_t available() const noexcept;
  boost::asio::ip::tcp::endpoint remote_endpoint() const noexcept;

  /// Whoever waits gets a turn, and finds it closed.
  void close() noexcept;

 private:
  static constexpr int closed = -1;

  peer_reactor* reactor_;
  int descriptor_;
};

}  // namespace sidecar::net
