#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "sidecar/net/tls.hpp"

namespace sidecar::net {

/// One side of TLS on a connected, non-blocking socket, which it does not own, and which must be open whenever it is
/// called. It never waits: whoever calls waits for the socket and calls again. An idle one holds a few kilobytes;
/// Asio's ssl::stream holds 80 for each, which a thousand silent clients would make more than the container may have.
class tls_connection {
 public:
  enum class outcome : std::uint8_t {
    done,
    want_read,   ///< again when the socket has something to read
    want_write,  ///< again when the socket takes something
    closed,      ///< the peer has ended its side, with a close_notify or without
    failed,      ///< failure() says why; the connection is of no more use
  };
  struct transfer {
    outcome what = outcome::failed;
    std::size_t count = 0;  ///< bytes, if done; never 0 then
  };

  /// The server's side. `already_read`: what was taken from the socket before; comes first. `context` is a server's.
  tls_connection(tls_context context, int socket, std::string_view already_read);
  /// The client's side. `context` is a client's.
  tls_connection(tls_context context, int socket);
  ~tls_connection();
  tls_connection(const tls_connection&) = delete;
  tls_connection& operator=(const tls_connection&) = delete;

  outcome handshake();
  transfer read(boost::asio::mutable_buffer into);
  /// May take less than all.
  transfer write(boost::asio::const_buffer bytes);
  /// Tells the peer that nothing more will come; as good as it can be told at once.
  void end();

  /// For the log: what was wrong with the handshake or with a record. Empty if the peer has merely gone.
  const std::string& failure() const noexcept { return failure_; }
  /// What outcome::closed or failed was about: the socket's error, end of file, or OpenSSL's.
  const boost::system::error_code& error() const noexcept { return error_; }

  /// There are bytes that were taken from the socket and are not read yet.
  bool has_pending() const noexcept;
  SSL* native_handle() const noexcept { return ssl_.get(); }

 private:
  struct channel;
  tls_connection(tls_context context, std::unique_ptr<channel> over);
  void begin_call() noexcept;
  outcome outcome_of(int returned);

  tls_context context_;
  std::unique_ptr<channel> channel_;
  std::unique_ptr<SSL, void (*)(SSL*)> ssl_;
  std::string failure_;
  boost::system::error_code error_;
};

}  // namespace sidecar::net
