#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <cerrno>
#include <memory>
#include <string>

#include "server_fixture.hpp"
#include "support/certificates.hpp"
#include "support/client_hello.hpp"

namespace sidecar::http {
namespace {

/// A peer that speaks TLS and collects what it is sent while the io_context runs.
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

/// A peer that speaks TLS step by step, whether the io_context runs or not.
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

class TlsSession : public server_fixture {
 protected:
  void start_tls(const limits& bounds = {}, int chain = 1) {
    const auto shown = test::certificate_authority{"ca"}.issue();
    std::string certificates;
    for (; chain > 0; --chain) certificates += shown.pem;
    const auto context = net::make_server_context({.certificate = certificates, .key = shown.key}).value();
    start_with({.bounds = bounds, .tls = [context] { return context; }});
  }
  tls_client connect_tls() { return {io, tested->local_endpoint()}; }
};

TEST_F(TlsSession, AnswersOneRequestAfterTheOther) {
  start_tls();
  auto peer = connect_tls();
  ASSERT_TRUE(run_until([&] { return peer.secured(); }));
  peer.send(get + get);
  ASSERT_TRUE(run_until([&] { return peer.received() == expected(ready) + expected(ready); }));
}

TEST_F(TlsSession, WaitsForAnAnswer) {
  told.at_once.reset();
  told.asked = not_ready;
  start_tls();
  auto peer = connect_tls();
  ASSERT_TRUE(run_until([&] { return peer.secured(); }));
  peer.send(get);
  ASSERT_TRUE(run_until([&] { return told.questions == 1; }));
  told.gate->cancel();
  ASSERT_TRUE(run_until([&] { return peer.received() == expected(not_ready); }));
}

// TLS knows the socket by its number only, and the next file that is opened gets that number.
TEST_F(TlsSession, AtTheCapOneThatAsksMakesRoomAndIsHeardOfNoMore) {
  start_tls({.connections = 2});
  auto peer = connect_tls();
  ASSERT_TRUE(run_until([&] { return peer.secured(); }));
  peer.send(get);
  ASSERT_TRUE(run_until([&] { return peer.received() == expected(ready); }));
  told.at_once.reset();
  peer.send(get);
  ASSERT_TRUE(run_until([&] { return told.questions == 1; }));
  auto second = connect_tls();
  ASSERT_TRUE(run_until([&] { return second.secured(); }));
  second.send(get);
  ASSERT_TRUE(run_until([&] { return told.questions == 2; }));
  auto third = connect();
  ASSERT_TRUE(run_until([&] { return peer.ended(); }));

  std::array<int, 8> strangers{};
  for (std::size_t i = 0; i < strangers.size(); i += 2) {
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, &strangers[i]), 0);
  }
  told.gate->cancel();
  ASSERT_TRUE(run_until([&] { return !second.received().empty(); }));
  for (const int stranger : strangers) {
    char byte = 0;
    EXPECT_EQ(::recv(stranger, &byte, 1, 0), -1) << "somebody else's file was written to";
  }
  for (const int stranger : strangers) ::close(stranger);
  told.gate.emplace(io, asio::steady_timer::time_point::max());
}

TEST_F(TlsSession, SilenceInTheHandshakeIsClosedWithoutAWordInTime) {
  start_tls({.head = 20ms, .sweep = 5ms});
  const auto hello = test::client_hello();
  for (const auto& bytes : {hello.substr(0, 1), hello.substr(0, 20), hello.substr(0, hello.size() - 1)}) {
    auto peer = connect();
    peer.send(bytes);
    ASSERT_TRUE(run_until_ended(peer));
    EXPECT_EQ(peer.received(), "") << bytes.size();
  }
  auto half_way = connect();
  half_way.send(hello);
  ASSERT_TRUE(run_until_ended(half_way));
  EXPECT_TRUE(half_way.received().starts_with("\x16\x03")) << "the server's side of the handshake";
  EXPECT_EQ(tested->sessions(), 0U);
}

TEST_F(TlsSession, MoreThanAClientHelloMayBeIsClosed) {
  start_tls();
  auto peer = connect();
  peer.send(std::string("\x16\x03\x01\x3f\xff\x01\x01\xff\xff", 9));
  ASSERT_TRUE(run_until_ended(peer));
  EXPECT_EQ(peer.received(), "");
}

TEST_F(TlsSession, NorMayASecondClientHelloBeMore) {
  start_tls({.head = 5min});
  auto peer = connect();
  peer.send(test::client_hello_with_strange_key());
  ASSERT_TRUE(run_until_received(peer, 1));
  ASSERT_TRUE(peer.received().starts_with("\x16\x03")) << "another key share is asked for";
  peer.send(std::string("\x14\x03\x03\0\x01\x01\x16\x03\x03\x3f\xff\x01\x01\xff\xff", 15));
  ASSERT_TRUE(run_until_ended(peer));
}

TEST_F(TlsSession, TheOldestHandshakeMakesRoomForOneTooMany) {
  start_tls({.handshakes = 2});
  const auto hello = test::client_hello();
  auto oldest = connect();
  oldest.send(hello);
  ASSERT_TRUE(run_until_received(oldest, 1));
  auto second = connect();
  second.send(hello);
  ASSERT_TRUE(run_until_received(second, 1));
  auto done = connect_tls();
  ASSERT_TRUE(run_until([&] { return done.secured(); }));
  EXPECT_TRUE(run_until_ended(oldest));
  EXPECT_FALSE(second.ended());
  auto last = connect();
  last.send(hello);
  ASSERT_TRUE(run_until_received(last, 1));
  EXPECT_FALSE(second.ended()) << "who is done counts no more";
  EXPECT_FALSE(done.ended());
}

TEST_F(TlsSession, AHandshakeWhoseReplyIsHereMakesRoomByItself) {
  start_tls({.handshakes = 2});
  stepwise_client first(tested->local_endpoint()), second(tested->local_endpoint()), third(tested->local_endpoint());
  first.step();
  second.step();
  ASSERT_TRUE(run_until([&] { return first.has_flight() && second.has_flight() && tested->sessions() == 3; }));
  third.step();  // so that its turn comes before theirs
  EXPECT_TRUE(first.step());
  EXPECT_TRUE(second.step());
  ASSERT_TRUE(run_until([&] { return third.has_flight(); }));
  EXPECT_TRUE(first.is_open());
  EXPECT_TRUE(second.is_open());
  EXPECT_TRUE(third.step());
}

TEST_F(TlsSession, AYoungerHandshakeThatCanGoOnMakesRoomForAnOlderOneThatCannot) {
  start_tls({.handshakes = 2});
  stepwise_client slow(tested->local_endpoint()), quick(tested->local_endpoint()), third(tested->local_endpoint());
  slow.step();
  ASSERT_TRUE(run_until([&] { return slow.has_flight(); }));
  quick.step();
  ASSERT_TRUE(run_until([&] { return quick.has_flight() && tested->sessions() == 3; }));
  third.step();
  EXPECT_TRUE(quick.step());
  ASSERT_TRUE(run_until([&] { return third.has_flight(); }));
  EXPECT_TRUE(slow.is_open());
  EXPECT_TRUE(slow.step());
}

// The server's flight is larger than what the kernel takes of it here, so that what the first sends is never read.
TEST_F(TlsSession, ButNotOneThatDoesNotTakeWhatItIsSent) {
  start_tls({.handshakes = 1, .head = 5min}, 200);
  tcp::socket greedy(io, tcp::v4());
  greedy.set_option(tcp::socket::receive_buffer_size(1));
  greedy.connect(tested->local_endpoint());
  greedy.send(asio::buffer(test::client_hello()));
  ASSERT_TRUE(run_until([&] { return greedy.available() > 0; }));
  greedy.send(asio::buffer("more"));
  stepwise_client next(tested->local_endpoint());
  next.step();
  ASSERT_TRUE(run_until([&] { return next.has_flight(); }));
  EXPECT_EQ(tested->sessions(), 1U) << "it had to go";
}

TEST_F(TlsSession, WhatIsNoRequestDoesNotExtendTheIdleTime) {
  start_tls({.idle = 100ms, .sweep = 5ms});
  auto peer = connect_tls();
  ASSERT_TRUE(run_until([&] { return peer.secured(); }));
  peer.send(get);
  ASSERT_TRUE(run_until([&] { return peer.received() == expected(ready); }));
  asio::steady_timer again(io);
  std::function<void(error_code)> renew = [&](error_code ec) {
    if (ec || peer.ended()) return;
    peer.renew_keys();
    again.expires_after(10ms);
    again.async_wait(renew);
  };
  renew({});
  EXPECT_TRUE(run_until([&] { return tested->sessions() == 0; }));
  again.cancel();
}

TEST_F(TlsSession, AnsweredRequestsDo) {
  start_tls({.idle = 200ms, .requests = 1'000'000, .sweep = 5ms});
  auto peer = connect_tls();
  ASSERT_TRUE(run_until([&] { return peer.secured(); }));
  const auto begun = std::chrono::steady_clock::now();
  for (std::size_t asked = 1; std::chrono::steady_clock::now() - begun < 600ms; ++asked) {
    peer.send(get);
    ASSERT_TRUE(run_until([&] { return peer.received().size() == asked * expected(ready).size() || peer.ended(); }));
    ASSERT_FALSE(peer.ended());
  }
}

TEST_F(TlsSession, StoppingClosesOneThatNeverAsked) {
  start_tls();
  auto peer = connect_tls();
  ASSERT_TRUE(run_until([&] { return peer.secured(); }));
  io.restart();
  io.poll();
  tested->close_idle();
  EXPECT_EQ(tested->sessions(), 0U);
}

}  // namespace
}  // namespace sidecar::http
