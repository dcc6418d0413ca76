#pragma once

#include <openssl/ssl.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <cerrno>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "server_fixture.hpp"
#include "support/certificates.hpp"

namespace sidecar::http {

/// A client that speaks TLS and collects what it is sent while the io_context runs.
class tls_client {
 public:
  tls_client(asio::io_context& io, const tcp::endpoint& at) : state_(std::make_shared<state>(io)) {
    state_->stream.next_layer().connect(at);
    state_->stream.async_handshake(asio::ssl::stream_base::client, [s = state_](error_code ec) {
      s->secured = !ec;
      if (ec) {
        s->end = ec;
      } else {
        receive(s);
      }
    });
  }

  void send(std::string bytes) {
    auto kept = std::make_shared<std::string>(std::move(bytes));
    asio::async_write(state_->stream, asio::buffer(*kept), [kept, s = state_](error_code, std::size_t) {});
  }
  /// A record of TLS 1.3 that is no data.
  void renew_keys() {
    ::SSL_key_update(state_->stream.native_handle(), SSL_KEY_UPDATE_NOT_REQUESTED);
    // Asio sends what OpenSSL has for it along with the next operation; one of no bytes will do.
    asio::async_write(state_->stream, asio::buffer("", 0), [s = state_](error_code, std::size_t) {});
  }
  bool secured() const { return state_->secured; }
  bool ended() const { return state_->end.has_value(); }
  const std::string& received() const { return state_->received; }

 private:
  struct state {
    explicit state(asio::io_context& io) : stream(io, context) {}
    asio::ssl::context context{asio::ssl::context::tls_client};
    asio::ssl::stream<tcp::socket> stream;
    std::string received;
    std::array<char, 4096> buffer{};
    std::optional<error_code> end;
    bool secured = false;
  };

  static void receive(const std::shared_ptr<state>& s) {
    s->stream.async_read_some(asio::buffer(s->buffer), [s](error_code ec, std::size_t count) {
      s->received.append(s->buffer.data(), count);
      if (ec) {
        s->end = ec;
      } else {
        receive(s);
      }
    });
  }

  std::shared_ptr<state> state_;
};

/// A client that speaks TLS step by step, whether the io_context runs or not.
class stepwise_client {
 public:
  explicit stepwise_client(const tcp::endpoint& at) : socket_(io_) {
    socket_.connect(at);
    socket_.non_blocking(true);
    ::SSL_set_fd(ssl_.get(), socket_.native_handle());
  }
  /// Reads what has come, and sends what comes next; true once the handshake is done for this side.
  bool step() { return ::SSL_connect(ssl_.get()) == 1; }
  bool has_flight() { return socket_.available() > 0; }
  bool is_open() {
    char byte = 0;
    const auto count = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return count > 0 || (count < 0 && errno == EAGAIN);
  }

 private:
  asio::io_context io_;
  asio::ssl::context context_{asio::ssl::context::tls_client};
  tcp::socket socket_;
  std::unique_ptr<SSL, decltype(&::SSL_free)> ssl_{::SSL_new(context_.native_handle()), &::SSL_free};
};

/// A server with TLS.
class tls_fixture : public server_fixture {
 protected:
  /// A certificate that stands so many times in its chain.
  net::server_identity identity(int chain = 1) const {
    net::server_identity made{.certificate = {}, .key = shown.key};
    for (; chain > 0; --chain) made.certificate += shown.pem;
    return made;
  }
  void start_tls(const limits& bounds = {}) { start_tls(bounds, identity()); }
  void start_tls(const limits& bounds, const net::server_identity& identity) {
    context = net::make_server_context(identity).value();
    start_with({.bounds = bounds, .tls = [this] { return context; }});
  }
  tls_client connect_tls() { return {io, tested->local_endpoint()}; }
  tls_client connect_secured() {
    auto peer = connect_tls();
    EXPECT_TRUE(run_until([&] { return peer.secured(); }));
    return peer;
  }

  const test::certificate shown = test::certificate_authority{"ca"}.issue();
  net::tls_context context;  ///< of connections that come now
};

}  // namespace sidecar::http
