#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>

#include "server_fixture.hpp"

namespace sidecar::http {
namespace {

class Deadlines : public server_fixture {};

TEST_F(Deadlines, AnUnfinishedHeadIsAnswered408AfterTheHeadTime) {
  start({.head = 20ms, .linger = 20ms, .sweep = 5ms});
  auto peer = connect();
  peer.send("GET / HTTP/1.1\r\n");
  ASSERT_TRUE(run_until([&] { return peer.ended() && tested->connections() == 0; }));
  EXPECT_EQ(peer.received(), expected(refusal::request_timeout));
  EXPECT_TRUE(peer.ended_well());
}

TEST_F(Deadlines, AnUnfinishedRequestLineIsClosedWithoutAByteAfterTheHeadTime) {
  start({.head = 20ms, .linger = 20ms, .sweep = 5ms});
  for (const std::string before : {"", "GET /healthz HTTP/1.1\r\n\r\n"}) {
    for (const std::string line : {"GET / HTTP/1.1", "GET / HTTP/1.0\\r\\n\\r\\n", "HTTP GET /healthz"}) {
      auto peer = connect();
      peer.send(before + line);
      ASSERT_TRUE(run_until_ended(peer)) << line;
      EXPECT_EQ(peer.received(), before.empty() ? "" : expected(ready)) << line;
      EXPECT_TRUE(peer.ended_well());
    }
  }
}

TEST_F(Deadlines, BytesThatTrickleInDoNotExtendTheHeadTime) {
  start({.head = 100ms, .linger = 20ms, .sweep = 5ms});
  auto peer = connect();
  const auto begin = std::chrono::steady_clock::now();
  peer.send("GET / HTTP/1.1\r\n");
  asio::steady_timer drip(io);
  std::function<void()> next = [&] {
    drip.expires_after(5ms);
    drip.async_wait([&](error_code ec) {
      if (ec || peer.received().size() > 0 || peer.ended()) return;
      peer.send("X");
      next();
    });
  };
  next();
  ASSERT_TRUE(run_until([&] { return peer.received().size() > 0; }));
  drip.cancel();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
  EXPECT_EQ(peer.received(), expected(refusal::request_timeout));
}

TEST_F(Deadlines, EachOfManyPipelinedRequestsHasTheHeadTimeOfItsOwn) {
  constexpr auto head = 400ms;
  start({.head = head, .requests = 1'000'000, .sweep = 5ms});
  auto peer = connect();
  const auto begin = std::chrono::steady_clock::now();
  const auto first_half = get.substr(0, 20), second_half = get.substr(20);
  peer.send(first_half);
  std::size_t asked = 0;
  while (std::chrono::steady_clock::now() - begin < 2 * head) {
    peer.send(second_half + first_half);
    ++asked;
    ASSERT_TRUE(run_until_received(peer, asked * expected(ready).size()));
    io.restart();
    io.run_for(10ms);
  }
  peer.send(second_half);
  ASSERT_TRUE(run_until_received(peer, ++asked * expected(ready).size()));
  EXPECT_EQ(peer.received().find(expected(refusal::request_timeout)), std::string::npos);
  EXPECT_FALSE(peer.ended());
}

TEST_F(Deadlines, AConnectionThatNeverAsksIsClosedWithoutAWord) {
  start({.head = 20ms, .sweep = 5ms});
  auto peer = connect();
  ASSERT_TRUE(run_until_ended(peer));
  EXPECT_EQ(peer.received(), "");
  EXPECT_TRUE(peer.ended_well());
}

TEST_F(Deadlines, AnIdleConnectionIsClosedWithoutAWordAfterTheIdleTime) {
  start({.idle = 20ms, .sweep = 5ms});
  auto peer = connect();
  peer.send(get);
  ASSERT_TRUE(run_until_ended(peer));
  EXPECT_EQ(peer.received(), expected(ready));
  EXPECT_TRUE(peer.ended_well());
}

TEST_F(Deadlines, TheIdleTimeDoesNotApplyToAQueryThatIsWaiting) {
  told.now.reset();
  start({.head = 10ms, .idle = 10ms, .sweep = 1ms});
  auto peer = connect();
  peer.send(get);
  ASSERT_TRUE(run_until([&] { return told.queries == 1; }));
  io.restart();
  io.run_for(50ms);
  EXPECT_EQ(tested->connections(), 1u);
  told.gate->cancel();
  ASSERT_TRUE(run_until_received(peer, expected(ready).size()));
}

TEST_F(Deadlines, APeerThatDoesNotTakeItsAnswersIsClosedAfterTheWriteTime) {
  start({.write = 20ms, .requests = 1'000'000, .sweep = 5ms});
  auto peer = connect();
  peer.stop_reading();
  std::string queries;
  for (int i = 0; i < 200'000; ++i) queries += get;
  peer.send_in_background(queries);
  ASSERT_TRUE(run_until([&] { return tested->connections() == 1; }));
  EXPECT_TRUE(run_until([&] { return tested->connections() == 0; }));
}

/// The machine may be suspended, or the container throttled, while a request comes.
TEST_F(Deadlines, WhatCameInTimeIsAnsweredThoughTheProcessStoodStill) {
  start({.idle = 50ms, .sweep = 5ms});
  auto peer = connect();
  peer.send(get);
  ASSERT_TRUE(run_until_received(peer, expected(ready).size()));
  peer.send(get);
  const auto late = std::chrono::steady_clock::now() + 100ms;
  while (std::chrono::steady_clock::now() < late) {
  }
  EXPECT_TRUE(run_until_received(peer, 2 * expected(ready).size()));
}

}  // namespace
}  // namespace sidecar::http
