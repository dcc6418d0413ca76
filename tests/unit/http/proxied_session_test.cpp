#include <gtest/gtest.h>

#include <string>

#include "server_fixture.hpp"

/// A header of the PROXY protocol before the first request.
namespace sidecar::http {
namespace {

using namespace std::string_literals;

class ProxiedSession : public server_fixture {};

const auto line = "PROXY TCP4 192.0.2.1 192.0.2.2 4711 3000\r\n"s;
const auto local = "\r\n\r\n\0\r\nQUIT\n\x20\0\0\0"s;

TEST_F(ProxiedSession, IsAnsweredAsIfThereWereNoHeader) {
  start();
  for (const auto& header : {line, "PROXY UNKNOWN\r\n"s, local}) {
    auto peer = connect();
    peer.send(header + get + get);
    ASSERT_TRUE(run_until_received(peer, 2 * expected(ready).size())) << header;
    EXPECT_EQ(peer.received(), expected(ready) + expected(ready));
  }
}

TEST_F(ProxiedSession, MayComeInAnyPieces) {
  start();
  for (const auto& bytes : {line + get, local + get}) {
    auto peer = connect();
    for (const char byte : bytes) {
      peer.send({&byte, 1});
      io.restart();
      io.poll();
    }
    ASSERT_TRUE(run_until_received(peer, expected(ready).size()));
    EXPECT_EQ(peer.received(), expected(ready));
  }
}

TEST_F(ProxiedSession, HasOneHeaderAndThatComesFirst) {
  start();
  for (const auto& bytes : {line + line + get, local + local + get}) {
    auto twice = connect();
    twice.send(bytes);
    ASSERT_TRUE(run_until_received(twice, 1));
    EXPECT_EQ(twice.received(), expected(refusal::bad_request));
  }
  auto late = connect();
  late.send(get + line + get);
  const auto wanted = expected(ready) + expected(refusal::bad_request);
  ASSERT_TRUE(run_until_received(late, wanted.size()));
  EXPECT_EQ(late.received(), wanted);
}

TEST_F(ProxiedSession, IsRefusedWithAMalformedHeader) {
  start();
  for (const auto& bytes :
       {"PROXY TCP4 x\r\n" + get, "\r\n\r\n\0\r\nQUIT\n\x31"s + get, "PROXY " + std::string(200, 'x')}) {
    auto peer = connect();
    peer.send(bytes);
    ASSERT_TRUE(run_until_received(peer, 1));
    peer.send_end();
    ASSERT_TRUE(run_until_ended(peer));
    EXPECT_EQ(peer.received(), expected(refusal::bad_request));
    EXPECT_TRUE(peer.ended_well());
  }
}

TEST_F(ProxiedSession, IsClosedWithoutAWordIfTheHeaderNeverEnds) {
  start({.head = 20ms, .sweep = 5ms});
  for (const auto& bytes : {local.substr(0, 14), line.substr(0, 20), "P"s, "\r\n"s}) {
    auto peer = connect();
    peer.send(bytes);
    ASSERT_TRUE(run_until_ended(peer));
    EXPECT_EQ(peer.received(), "");
  }
}

TEST_F(ProxiedSession, TheHeaderDoesNotExtendTheTimeForTheRequest) {
  start({.head = 50ms, .sweep = 5ms});
  auto peer = connect();
  peer.send(line + "GET / HTTP/1.1\r\nHost: ");
  ASSERT_TRUE(run_until_received(peer, 1));
  EXPECT_EQ(peer.received(), expected(refusal::request_timeout));
}

}  // namespace
}  // namespace sidecar::http
