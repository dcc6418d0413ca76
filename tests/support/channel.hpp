#pragma once

#include <openssl/ssl.h>

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace sidecar::test {

/// One accepted connection, with TLS or without. OpenSSL works on memory here, so that the server decides which bytes
/// go out and when: half of a handshake, a close with or without close_notify, a reset. That is what Asio's own stream
/// does not let one do.
class channel {
 public:
  using error_code = boost::system::error_code;

  /// A null `context` means no TLS.
  channel(boost::asio::ip::tcp::socket socket, const std::shared_ptr<SSL_CTX>& context);

  boost::asio::ip::tcp::socket& socket() noexcept { return socket_; }
  /// Bytes on the wire, with TLS.
  std::uint64_t sent() const noexcept { return sent_; }
  std::uint64_t received() const noexcept { return received_; }
  /// What the peer called us in its ClientHello; empty if it did not, or without TLS.
  std::string server_name() const;

  /// With `half_way`, returns when half of the first flight has been sent; the next call goes on from there.
  boost::asio::awaitable<error_code> handshake(bool half_way);
  /// Appends what has come, at least a byte; `asio::error::eof` for a peer that is done.
  boost::asio::awaitable<error_code> read_some(std::string& into);
  /// The same while another coroutine writes: what TLS has to say in return waits for its next write.
  boost::asio::awaitable<error_code> overhear(std::string& into);
  boost::asio::awaitable<error_code> write(std::string_view bytes);
  /// close_notify, if there is a session to end and the caller wants it said, then FIN.
  boost::asio::awaitable<void> say_goodbye(bool close_notify);
  /// Discards whatever comes until the peer is gone.
  boost::asio::awaitable<void> wait_until_gone();
  /// RST.
  void reset();
  /// FIN if nothing that came was left unread, RST otherwise: that is the kernel's rule.
  void close();

 private:
  struct ssl_deleter {
    void operator()(SSL* ssl) const noexcept { SSL_free(ssl); }
  };

  boost::asio::awaitable<error_code> flush();
  boost::asio::awaitable<error_code> receive(std::size_t& size);
  boost::asio::awaitable<error_code> read(std::string& into, bool sends);
  error_code decrypt(std::string& into);
  void collect_output();

  boost::asio::ip::tcp::socket socket_;
  std::unique_ptr<SSL, ssl_deleter> ssl_;
  bool secured_ = false;
  std::uint64_t sent_ = 0;
  std::uint64_t received_ = 0;
  std::string output_;
  std::array<char, 16384> input_;
};

}  // namespace sidecar::test
