#include <gtest/gtest.h>
#include <sys/socket.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "support/client_hello.hpp"
#include "tls_clients.hpp"

namespace sidecar::http {
namespace {

class TlsConnection : public tls_fixture {};

TEST_F(TlsConnection, AnswersOneRequestAfterTheOther) {
  start_tls();
  auto peer = connect_secured();
  peer.send(get + get);
  ASSERT_TRUE(run_until([&] { return peer.received() == expected(ready) + expected(ready); }));
}

TEST_F(TlsConnection, WaitsForAnAnswer) {
  told.now.reset();
  told.later = not_ready;
  start_tls();
  auto peer = connect_secured();
  peer.send(get);
  ASSERT_TRUE(run_until([&] { return told.queries == 1; }));
  told.gate->cancel();
  ASSERT_TRUE(run_until([&] { return peer.received() == expected(not_ready); }));
}

TEST_F(TlsConnection, IsEvictedWhileItWaitsForAnotherAnswer) {
  start_tls({.connections = 2});
  auto peer = connect_secured();
  peer.send(get);
  ASSERT_TRUE(run_until([&] { return peer.received() == expected(ready); }));
  told.now.reset();
  peer.send(get);
  ASSERT_TRUE(run_until([&] { return told.queries == 1; }));
  auto second = connect_secured();
  second.send(get);
  ASSERT_TRUE(run_until([&] { return told.queries == 2; }));
  auto third = connect();
  ASSERT_TRUE(run_until([&] { return peer.ended(); }));
  told.gate->cancel();
  EXPECT_TRUE(run_until([&] { return !second.received().empty(); }));
}

TEST_F(TlsConnection, AHandshakeThatIsNotFinishedInTimeIsClosedWithoutAByte) {
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
  EXPECT_EQ(tested->connections(), 0U);
}

TEST_F(TlsConnection, AClientHelloMayComeInSeveralRecords) {
  start_tls();
  auto peer = connect();
  const auto hello = test::client_hello();
  constexpr std::size_t header = 5;
  for (std::size_t at = header; at < hello.size(); at += 20) {
    const auto piece = hello.substr(at, 20);
    peer.send(hello.substr(0, 3) + '\0' + static_cast<char>(piece.size()) + piece);
    test::run_ready(io);
  }
  ASSERT_TRUE(run_until_received(peer, 1));
  EXPECT_TRUE(peer.received().starts_with("\x16\x03")) << "the server's side of the handshake";
}

TEST_F(TlsConnection, WhatIsNoRequestDoesNotExtendTheIdleTime) {
  start_tls({.idle = 100ms, .sweep = 5ms});
  auto peer = connect_secured();
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
  EXPECT_TRUE(run_until([&] { return tested->connections() == 0; }));
  again.cancel();
}

TEST_F(TlsConnection, AnsweredRequestsDo) {
  start_tls({.idle = 200ms, .requests = 1'000'000, .sweep = 5ms});
  auto peer = connect_secured();
  const auto begun = std::chrono::steady_clock::now();
  for (std::size_t asked = 1; std::chrono::steady_clock::now() - begun < 600ms; ++asked) {
    peer.send(get);
    ASSERT_TRUE(run_until([&] { return peer.received().size() == asked * expected(ready).size() || peer.ended(); }));
    ASSERT_FALSE(peer.ended());
  }
}

TEST_F(TlsConnection, StoppingClosesOneThatNeverAsked) {
  start_tls();
  auto peer = connect_secured();
  test::run_ready(io);
  tested->close_idle();
  EXPECT_EQ(tested->connections(), 0U);
}

/// More handshakes than may be under way.
class HandshakeQueue : public tls_fixture {
 protected:
  const std::string hello = test::client_hello();
};

TEST_F(HandshakeQueue, OneTooManyWaitsUntilAnotherIsDone) {
  start_tls({.handshakes = 1, .handshake = 5min});
  stepwise_client first(tested->local_endpoint()), second(tested->local_endpoint()), third(tested->local_endpoint());
  for (auto* const one : {&first, &second, &third}) {
    one->step();
    io.restart();
    io.run_for(10ms);
  }
  EXPECT_TRUE(first.has_flight());
  EXPECT_FALSE(second.has_flight());
  EXPECT_TRUE(first.step());
  ASSERT_TRUE(run_until([&] { return second.has_flight(); }));
  EXPECT_FALSE(third.has_flight()) << "in the order of their coming";
  EXPECT_TRUE(second.step());
  ASSERT_TRUE(run_until([&] { return third.has_flight(); }));
  EXPECT_TRUE(third.step());
  EXPECT_EQ(tested->connections(), 3U);
}

TEST_F(HandshakeQueue, AnOldHandshakeIsEvictedForOneThatWaits) {
  start_tls({.handshakes = 2, .handshake = 50ms, .head = 5min});
  auto oldest = connect();
  oldest.send(hello);
  ASSERT_TRUE(run_until_received(oldest, 1));
  io.restart();
  io.run_for(100ms);
  EXPECT_FALSE(oldest.ended()) << "nobody waits";
  auto second = connect();
  second.send(hello);
  ASSERT_TRUE(run_until_received(second, 1));
  auto done = connect_secured();
  EXPECT_TRUE(run_until_ended(oldest));
  EXPECT_FALSE(second.ended());
}

TEST_F(HandshakeQueue, OneWhoseTimeIsUpWhileItWaitsIsClosedWithoutAByte) {
  start_tls({.handshakes = 0, .head = 20ms, .sweep = 5ms});
  auto late = connect();
  late.send(hello);
  ASSERT_TRUE(run_until_ended(late));
  EXPECT_EQ(late.received(), "");
  EXPECT_EQ(tested->connections(), 0U);
}

TEST_F(HandshakeQueue, OneThatHasGoneWhileItWaitedPassesItsTurnOn) {
  start_tls({.handshakes = 1, .handshake = 5min});
  stepwise_client first(tested->local_endpoint()), last(tested->local_endpoint());
  first.step();
  ASSERT_TRUE(run_until([&] { return first.has_flight(); }));
  auto gone = connect();
  gone.send(hello);
  ASSERT_TRUE(run_until([&] { return tested->connections() == 3; }));
  gone.reset();
  last.step();
  EXPECT_TRUE(first.step());
  ASSERT_TRUE(run_until([&] { return last.has_flight(); }));
  EXPECT_TRUE(last.step());
}

TEST_F(HandshakeQueue, AtCapacityThoseThatWaitAreEvictedToo) {
  start_tls({.connections = 3, .handshakes = 1, .handshake = 5min});
  std::vector<client> peers;
  for (int i = 0; i < 3; ++i) {
    peers.push_back(connect());
    peers.back().send(hello);
    io.restart();
    io.run_for(10ms);
  }
  auto more = connect();
  more.send(hello);
  ASSERT_TRUE(run_until_ended(peers[0]));
  EXPECT_TRUE(run_until_received(peers[1], 1)) << "the turn has passed to it";
  auto another = connect();
  ASSERT_TRUE(run_until_ended(peers[1]));
  EXPECT_TRUE(run_until_received(peers[2], 1));
  auto last = connect();
  ASSERT_TRUE(run_until_ended(peers[2]));
  EXPECT_TRUE(run_until_received(more, 1));
  EXPECT_EQ(tested->connections(), 3U);
}

// The server's flight is larger than what the kernel takes of it here, so that what the first sends is never read.
TEST_F(HandshakeQueue, AClientThatDoesNotReadGoesInItsTime) {
  start_tls({.handshakes = 1, .handshake = 50ms, .head = 5min}, identity(200));
  tcp::socket greedy(io, tcp::v4());
  greedy.set_option(tcp::socket::receive_buffer_size(1));
  greedy.connect(tested->local_endpoint());
  greedy.send(asio::buffer(hello));
  ASSERT_TRUE(run_until([&] { return greedy.available() > 0; }));
  greedy.send(asio::buffer("more"));
  stepwise_client next(tested->local_endpoint());
  next.step();
  ASSERT_TRUE(run_until([&] { return next.has_flight(); }));
  EXPECT_EQ(tested->connections(), 1U) << "it had to go";
}

}  // namespace
}  // namespace sidecar::http
