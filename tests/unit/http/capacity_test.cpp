#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server_fixture.hpp"
#include "sidecar/http/serve_connection.hpp"
#include "sidecar/net/coro.hpp"

namespace sidecar::http {
namespace {

class Capacity : public server_fixture {};

TEST_F(Capacity, TheLongestIdleConnectionMakesRoom) {
  start({.connections = 3});
  auto first = connect_and_get(ready);
  auto second = connect_and_get(ready);
  auto third = connect();
  ASSERT_TRUE(run_until([&] { return tested->connections() == 3; }));
  auto fourth = connect_and_get(ready);
  EXPECT_TRUE(first.ended_well());
  EXPECT_FALSE(second.ended());
  EXPECT_FALSE(third.ended());
  EXPECT_EQ(tested->connections(), 3u);
}

TEST_F(Capacity, IdleConnectionsGoBeforeThoseThatAreSendingAHead) {
  start({.connections = 2});
  auto idle = connect_and_get(ready);
  auto sending = connect();
  sending.send("GET /healthz HTTP/1.1\r\n");
  ASSERT_TRUE(run_until([&] { return tested->connections() == 2; }));
  auto third = connect_and_get(ready);
  EXPECT_TRUE(idle.ended_well());
  sending.send("\r\n");
  EXPECT_TRUE(run_until_received(sending, expected(ready).size()));
}

TEST_F(Capacity, TheOldestUnfinishedHeadMakesRoomIfNoneIsIdle) {
  start({.connections = 2});
  auto first = connect();
  ASSERT_TRUE(run_until([&] { return tested->connections() == 1; }));
  auto second = connect();
  ASSERT_TRUE(run_until([&] { return tested->connections() == 2; }));
  auto third = connect_and_get(ready);
  ASSERT_TRUE(run_until_ended(first));
  EXPECT_FALSE(second.ended());
}

TEST_F(Capacity, NoneIsCutOffThatWaitsForAFirstAnswer) {
  told.now.reset();
  start({.connections = 1});
  auto first = connect_and_query(1);
  auto second = connect();
  ASSERT_TRUE(run_until_ended(second));
  EXPECT_EQ(second.received(), "") << "what it speaks is not known: to some checkers any byte is a good one";
  told.gate->cancel();
  const auto answer = expected(ready, connection_header::close);
  ASSERT_TRUE(run_until_received(first, answer.size()));
  EXPECT_EQ(first.received(), answer);
}

TEST_F(Capacity, EveryAnswerClosesItsConnection) {
  start({.connections = 2});
  auto first = connect_and_get(ready);
  auto second = connect();
  ASSERT_TRUE(run_until([&] { return tested->connections() == 2; }));
  first.send(get + get);
  first.send_end();
  ASSERT_TRUE(run_until_ended(first));
  EXPECT_EQ(first.received(), expected(ready) + expected(ready, connection_header::close));
  EXPECT_TRUE(first.ended_well());
  second.send(get);
  ASSERT_TRUE(run_until_received(second, expected(ready).size()));
  EXPECT_EQ(second.received(), expected(ready)) << "there is room again";
}

TEST_F(Capacity, TheOneThatHadMostAnswersMakesRoomIfAllAreWaiting) {
  start({.connections = 3});
  auto once = connect_and_get(ready);
  auto twice = connect();
  twice.send(get + get);
  ASSERT_TRUE(run_until_received(twice, 2 * expected(ready).size()));
  told.now.reset();
  once.send(get + get);
  twice.send(get + get);
  auto never = connect_and_query(3);

  auto fourth = connect_and_query(4);
  EXPECT_TRUE(run_until_ended(twice));
  EXPECT_FALSE(once.ended());
  auto fifth = connect_and_query(5);
  EXPECT_TRUE(run_until_ended(once));
  auto sixth = connect();
  ASSERT_TRUE(run_until_ended(sixth));
  EXPECT_EQ(sixth.received(), "");
  EXPECT_EQ(tested->connections(), 3u);

  told.gate->cancel();
  const auto answer = expected(ready, connection_header::close);
  for (const auto* const peer : {&never, &fourth, &fifth}) {
    EXPECT_TRUE(run_until_received(*peer, expected(ready).size()));
  }
  EXPECT_EQ(never.received(), answer);
}

TEST_F(Capacity, NoneIsTakenForIdleWhoseAnswersAreBeingGiven) {
  const auto context =
      std::make_shared<server_context>(io.get_executor(), told, server_settings{.bounds = {.connections = 2}});
  auto acceptor = listen();
  client peer(io, acceptor.local_endpoint());
  auto socket = acceptor.accept();
  socket.set_option(tcp::socket::send_buffer_size(1 << 16));  // it never has to wait for its client
  asio::co_spawn(io, serve_connection(std::move(socket), {}, context), net::rethrow);
  peer.send(get);
  ASSERT_TRUE(run_until_received(peer, expected(ready).size()));
  std::string many;
  for (int i = 0; i < 140; ++i) many += get;
  told.calls = 0;
  peer.send(many);
  ASSERT_TRUE(run_until([&] { return told.calls > 0; }));  // it yields now, and most are not answered yet

  connection idle(tcp::socket(io), {}, context->connections);
  idle.enter(phase::idle, 1min);
  ASSERT_TRUE(context->connections.is_full());
  EXPECT_TRUE(context->connections.ensure_capacity());
  EXPECT_EQ(context->connections.size(), 1U);
  EXPECT_TRUE(run_until_received(peer, 141 * expected(ready).size()));
}

TEST_F(Capacity, NoneIsCutOffForThoseThatComeWithIt) {
  start({.connections = 4});
  auto many = connect();  // one that is never done
  std::string queries;
  for (int i = 0; i < 200; ++i) queries += "GET / HTTP/1.1\r\n\r\n";
  many.send(queries);
  std::vector<client> peers;
  for (int i = 0; i < 40; ++i) {
    peers.push_back(connect());
    peers.back().send("GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
  }
  for (const auto& peer : peers) {
    ASSERT_TRUE(run_until_ended(peer));
    EXPECT_EQ(peer.received(), expected(ready, connection_header::close));
  }
}

TEST_F(Capacity, WhatAsksAtOnceKeepsTheLastPlace) {
  told.now.reset();
  start({.connections = 3});
  auto one = connect(), other = connect();
  one.send(get);
  other.send(get);
  ASSERT_TRUE(run_until([&] { return told.queries == 2; }));  // nobody else will have their places
  std::vector<client> peers;
  for (int i = 0; i < 10; ++i) {
    peers.push_back(connect());
    peers.back().send("GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n");
  }
  for (const auto& peer : peers) {
    ASSERT_TRUE(run_until_ended(peer));
    EXPECT_EQ(peer.received(), answers.render_alive(connection_header::close, true));
  }
}

TEST_F(Capacity, TooManyConnectionsAreLoggedOnceAndOnceThatItIsOver) {
  told.now.reset();
  start({.connections = 1, .linger = 1ms, .quiet_period = 50ms, .sweep = 5ms});
  const std::string full = "connections are open, the limit", over = "fewer connections than the limit are open again";
  testing::internal::CaptureStderr();
  auto first = connect();
  first.send(get);
  run_until([&] { return told.queries == 1; });
  for (int i = 0; i < 3; ++i) run_until_ended(connect());
  io.restart();
  io.run_for(100ms);
  auto log = testing::internal::GetCapturedStderr();
  const auto begin = log.find("1 " + full);
  EXPECT_NE(begin, std::string::npos) << log;
  EXPECT_EQ(log.find(full, begin + full.size()), std::string::npos) << log;
  EXPECT_EQ(log.find(over), std::string::npos) << log;

  testing::internal::CaptureStderr();
  told.gate->cancel();
  run_until([&] { return tested->connections() == 0; });
  io.restart();
  io.run_for(100ms);
  log = testing::internal::GetCapturedStderr();
  const auto end = log.find(over);
  EXPECT_NE(end, std::string::npos) << log;
  EXPECT_EQ(log.find(over, end + over.size()), std::string::npos) << log;
}

}  // namespace
}  // namespace sidecar::http
