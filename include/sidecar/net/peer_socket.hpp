#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <utility>

namespace sidecar::net {

/// A connection that was accepted, never blocking. The reactor hears of it only once something has to be waited for:
/// most health checks have come whole by the time they are accepted, and are answered and closed without.
class peer_socket {
 public:
  using tcp = boost::asio::ip::tcp;

  /// Takes `descriptor`, which does not block.
  peer_socket(const boost::asio::any_io_executor& executor, tcp protocol, int descriptor) noexcept
      : socket_(executor), protocol_(protocol), unregistered_(descriptor) {}
  /// One that the reactor knows already, and that does not block.
  explicit peer_socket(tcp::socket&& known) noexcept : socket_(std::move(known)), protocol_(tcp::v4()) {}
  peer_socket(peer_socket&& other) noexcept
      : socket_(std::move(other.socket_)),
        protocol_(other.protocol_),
        unregistered_(std::exchange(other.unregistered_, closed)) {}
  peer_socket& operator=(peer_socket&&) = delete;
  ~peer_socket() { close(); }

  bool is_open() const noexcept { return unregistered_ != closed || socket_.is_open(); }
  int native_handle() noexcept;

  /// For operations that wait. Throws boost::system::system_error, most likely for want of memory.
  tcp::socket& registered();

  /// Without waiting: would_block. Errors: the system's; eof.
  std::size_t read_some(boost::asio::mutable_buffer into, boost::system::error_code& failed) noexcept;
  std::size_t write_some(boost::asio::const_buffer from, boost::system::error_code& failed) noexcept;
  void shutdown_send(boost::system::error_code& failed) noexcept;
  /// Bytes that can be read without waiting.
  std::size_t available() noexcept;
  tcp::endpoint remote_endpoint() noexcept;

  /// Ends what waits with operation_aborted.
  void cancel() noexcept;
  void close() noexcept;

 private:
  static constexpr int closed = -1;

  tcp::socket socket_;
  tcp protocol_;
  int unregistered_ = closed;
};

}  // namespace sidecar::net
