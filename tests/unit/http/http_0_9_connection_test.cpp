#include <gtest/gtest.h>

#include <string>

#include "server_fixture.hpp"

/// A request line without a version, as F5's default monitor sends it, which takes any byte that comes back for up.
namespace sidecar::http {
namespace {

using namespace std::string_literals;

class Http09Connection : public server_fixture {};

TEST_F(Http09Connection, GetsTheBareBodyWhenAllIsWell) {
  start();
  for (const auto* const bytes : {"GET /\r\n", "GET /\r\n\r\n", "GET /healthz\r\n", "GET /health?x\r\n",
                                  "GET /healthz/game\r\n", "PROXY UNKNOWN\r\nGET /\r\n", "GET /\r\nHost: a\r\n\r\n"}) {
    EXPECT_EQ(whole_answer(bytes), "OK") << bytes;
  }
}

TEST_F(Http09Connection, GetsNothingWhenItIsNot) {
  told.now = not_ready;
  start();
  EXPECT_EQ(whole_answer("GET /\r\n"), "");
  EXPECT_EQ(whole_answer("GET /healthz\r\n\r\n"), "");
}

TEST_F(Http09Connection, GetsNothingForAnythingElse) {
  start();
  for (const auto& bytes :
       {"GET /livez\r\n"s, "GET /nowhere\r\n"s, "HEAD /\r\n"s, "POST /\r\n"s, "get /\r\n"s, "GET *\r\n"s, "GET /\n"s,
        "GET /\x1b\r\n"s, "GET /"s, "GET / "s, "GET"s, "PROXY UNKNOWN\r\nGET /"s}) {
    EXPECT_EQ(whole_answer(bytes), "") << bytes;
  }
}

TEST_F(Http09Connection, WaitsForAnAnswerAndMayGetAHeldOne) {
  told.now.reset();
  told.later = ready;
  told.later.held = std::chrono::seconds{3};
  start();
  auto peer = connect();
  peer.send("GET /\r\n");
  ASSERT_TRUE(run_until([&] { return told.queries == 1; }));
  told.gate->cancel();
  ASSERT_TRUE(run_until_received(peer, 2));
  EXPECT_EQ(peer.received(), "OK");
}

TEST_F(Http09Connection, IsClosedByTheServer) {
  start({.linger = 20ms, .sweep = 5ms});
  auto peer = connect();
  peer.send("GET /\r\n");
  ASSERT_TRUE(run_until_ended(peer));
  EXPECT_TRUE(peer.ended_well());
}

}  // namespace
}  // namespace sidecar::http
