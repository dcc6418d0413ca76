#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>

#include "server_fixture.hpp"

namespace sidecar::http {
namespace {

using namespace std::string_literals;

class LingeringClose : public server_fixture {};

TEST_F(LingeringClose, StopsAtAPipelinedRequestThatIsMalformedOrNone) {
  start({.linger = 20ms, .sweep = 5ms});
  for (const auto& [bytes, answer] : {std::pair{"G@T / HTTP/1.1\r\n\r\n", expected(refusal::bad_request)},
                                      std::pair{"nonsense\r\n\r\n", std::string{}}}) {
    auto peer = connect();
    peer.send(get + bytes + get);
    ASSERT_TRUE(run_until_ended(peer));
    EXPECT_EQ(peer.received(), expected(ready) + answer);
    EXPECT_TRUE(peer.ended_well());
  }
}

TEST_F(LingeringClose, TheClientReceivesItsLastAnswerWhateverItSends) {
  start();
  const std::string body(20'000, 'x');
  const struct {
    std::string bytes;
    std::string more;  ///< sent once the answer has come
    std::string answer;
  } rows[] = {
      {"GET / HTTP/1.1\r\nX: " + std::string(30'000, 'x'), "", expected(refusal::head_too_large)},
      {"GET / HTTP/1.1\r\nContent-Length: 20000\r\n\r\n" + body, "", expected(refusal::content_too_large)},
      {"HEAD / HTTP/1.1\r\nContent-Length: 1\r\n\r\nx", "",
       answers.render(refusal::content_too_large, connection_header::close, false)},
      // A body is never taken for the next request.
      {"POST /healthz HTTP/1.1\r\nContent-Length: " + std::to_string(get.size()) + "\r\n\r\n" + get, "",
       expected(refusal::method_not_allowed)},
      {"POST / HTTP/1.1\r\nContent-Length: 20000\r\n\r\n", body, expected(refusal::method_not_allowed)},
      {"GET / HTTP/1.0\r\n\r\n" + body, "", expected(ready, connection_header::close)},
  };
  for (const auto& row : rows) {
    auto peer = connect();
    peer.send(row.bytes);
    ASSERT_TRUE(run_until_received(peer, row.answer.size())) << row.answer;
    peer.send(row.more);
    peer.send_end();
    ASSERT_TRUE(run_until_ended(peer));
    EXPECT_EQ(peer.received(), row.answer);
    EXPECT_TRUE(peer.ended_well()) << row.answer;
  }
}

TEST_F(LingeringClose, APeerThatKeepsSendingAfterARefusalIsCutOff) {
  start({.linger = 5min, .linger_bytes = 4'096});
  auto peer = connect();
  peer.send_in_background("G@T / HTTP/1.1\r\n" + std::string(64'000'000, 'x'));
  ASSERT_TRUE(run_until([&] { return peer.received().size() > 0 && tested->connections() == 0; }));
  EXPECT_EQ(peer.received(), expected(refusal::bad_request));
}

TEST_F(LingeringClose, APeerThatDoesNotCloseAfterARefusalIsClosedAfterTheLinger) {
  start({.linger = 20ms, .sweep = 5ms});
  auto peer = connect();
  peer.send("G@T / HTTP/1.1\r\n");
  ASSERT_TRUE(run_until([&] { return peer.received().size() > 0 && tested->connections() == 0; }));
  EXPECT_TRUE(peer.ended_well());
}

TEST_F(LingeringClose, WhatIsNoRequestIsClosedAtOnceWithoutAByte) {
  start({.head = 5min, .linger = 20ms, .sweep = 5ms});
  for (const auto& bytes : {"HTTP GET /healthz\r\n"s, "PING\r\n"s, "\r\nG"s, "\x16\x03\x01"s, "\0"s, "GET / HTTP\r\n"s,
                            std::string(head_bytes, 'x')}) {
    auto peer = connect();
    peer.send(bytes);
    ASSERT_TRUE(run_until_ended(peer)) << bytes;
    EXPECT_EQ(peer.received(), "") << bytes;
    EXPECT_TRUE(peer.ended_well()) << bytes;
  }
}

TEST_F(LingeringClose, WhatIsNoRequestIsLoggedWithTheRemedyOnceForAnAddress) {
  start({.head = 20ms, .linger = 20ms, .sweep = 5ms});
  testing::internal::CaptureStderr();
  for (const std::string bytes : {"HTTP GET /healthz\r\n", "PING\r\n", "HTTP GET /healthz"}) {
    auto peer = connect();
    peer.send(bytes);
    EXPECT_TRUE(run_until_ended(peer));
  }
  const auto log = testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("correct its check, for instance to GET /healthz HTTP/1.1 client=127.0.0.1\n"), log.npos) << log;
  EXPECT_EQ(std::ranges::count(log, '\n'), 1) << log;
}

}  // namespace
}  // namespace sidecar::http
