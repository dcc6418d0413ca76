#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>
#include <utility>

#include "server_fixture.hpp"

namespace sidecar::http {
namespace {

using namespace std::string_literals;

class Deadlines : public server_fixture {};

TEST_F(Deadlines, OnlyAnUnfinishedHeadIsAnsweredWithA408) {
  start({.head = 20ms, .idle = 20ms, .linger = 20ms, .sweep = 5ms});
  const auto local = "\r\n\r\n\0\r\nQUIT\n\x20\0"s, proxied = "PROXY TCP4 192.0.2.1 192.0.2.2 4711 3000\r\n"s;
  const std::pair<std::string, std::string> rows[] = {
      {"", ""},
      {get, expected(ready)},
      {"GET / HTTP/1.1\r\n", expected(refusal::request_timeout)},
      {"GET /healthz", ""},
      {"GET / HTTP/1.1", ""},
      {"GET / HTTP/1.0\\r\\n\\r\\n", ""},
      {"HTTP GET /healthz", ""},
      {get + "GET / HTTP/1.1", expected(ready)},
      {get + "GET / HTTP/1.0\\r\\n\\r\\n", expected(ready)},
      {get + "HTTP GET /healthz", expected(ready)},
      {local, ""},
      {proxied.substr(0, 20), ""},
      {"P", ""},
      {"\r\n", ""},
      {proxied + "GET / HTTP/1.1\r\nHost: ", expected(refusal::request_timeout)},
  };
  for (const auto& [bytes, answer] : rows) {
    auto peer = connect();
    peer.send(bytes);
    ASSERT_TRUE(run_until([&] { return peer.ended() && tested->connections() == 0; })) << bytes;
    EXPECT_EQ(peer.received(), answer) << bytes;
    EXPECT_TRUE(peer.ended_well()) << bytes;
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

TEST_F(Deadlines, TheIdleTimeDoesNotApplyToAQueryThatIsWaiting) {
  told.now.reset();
  start({.head = 10ms, .idle = 10ms, .sweep = 1ms});
  auto peer = connect_and_query(1);
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
  auto peer = connect_and_get(ready);
  peer.send(get);
  const auto late = std::chrono::steady_clock::now() + 100ms;
  while (std::chrono::steady_clock::now() < late) {
  }
  EXPECT_TRUE(run_until_received(peer, 2 * expected(ready).size()));
}

}  // namespace
}  // namespace sidecar::http
