#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "server_fixture.hpp"

/// A header of the PROXY protocol before the first request.
namespace sidecar::http {
namespace {

using namespace std::string_literals;

class ProxiedConnection : public server_fixture {};

const auto line = "PROXY TCP4 192.0.2.1 192.0.2.2 4711 3000\r\n"s;
const auto local = "\r\n\r\n\0\r\nQUIT\n\x20\0\0\0"s;

TEST_F(ProxiedConnection, IsAnsweredAsIfThereWereNoHeader) {
  start();
  for (const auto& header : {line, "PROXY UNKNOWN\r\n"s, local}) {
    auto peer = connect();
    peer.send(header + get + get);
    ASSERT_TRUE(run_until_received(peer, 2 * expected(ready).size())) << header;
    EXPECT_EQ(peer.received(), expected(ready) + expected(ready));
  }
}

TEST_F(ProxiedConnection, MayComeInAnyPieces) {
  start();
  for (const auto& bytes : {line + get, local + get}) {
    auto peer = connect();
    for (const char byte : bytes) {
      peer.send({&byte, 1});
      test::run_ready(io);
    }
    ASSERT_TRUE(run_until_received(peer, expected(ready).size()));
    EXPECT_EQ(peer.received(), expected(ready));
  }
}

TEST_F(ProxiedConnection, HasOneHeaderAndThatComesFirst) {
  start({.linger = 20ms, .sweep = 5ms});
  const std::pair<std::string, std::string> rows[] = {
      {line + line + get, ""}, {local + local + get, ""}, {get + line + get, expected(ready)}};
  for (const auto& [bytes, answer] : rows) {
    auto peer = connect();
    peer.send(bytes);
    ASSERT_TRUE(run_until_ended(peer));
    EXPECT_EQ(peer.received(), answer) << "a second header is no request";
    EXPECT_TRUE(peer.ended_well());
  }
}

/// To a balancer that takes any byte for up, a 400 would be one.
TEST_F(ProxiedConnection, GetsNoByteAfterAMalformedHeader) {
  start();
  for (const auto& bytes :
       {"PROXY TCP4 x\r\n" + get, "\r\n\r\n\0\r\nQUIT\n\x31"s + get, "PROXY " + std::string(200, 'x')}) {
    EXPECT_EQ(whole_answer(bytes), "") << bytes;
  }
}

}  // namespace
}  // namespace sidecar::http
