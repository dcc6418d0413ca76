#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "situations.hpp"
#include "support/http_client.hpp"
#include "told_server.hpp"

/// `GET /` and no version is what F5 sends by default; it takes any byte for up unless it was told what to look for.
namespace sidecar::test {
namespace {

using namespace std::chrono_literals;

/// All that comes, up to FIN.
std::string answer_to(std::uint16_t port, const std::string& request, bool half_close = false) {
  http_client client{"127.0.0.1", port};
  client.send(request);
  if (half_close) client.half_close();
  auto bytes = client.read_until_end();
  EXPECT_EQ(client.last_end(), read_end::closed) << request;
  return bytes;
}

const std::vector<std::string> questions{
    "GET /\r\n",          "GET /healthz\r\n",      "GET /health\r\n",           "GET /\r\n\r\n",
    "GET /healthz?x\r\n", "GET /healthz/game\r\n", "PROXY UNKNOWN\r\nGET /\r\n"};

TEST(Versionless, HealthIsTheBodyAloneOrNothing) {
  told_server server;
  for (const auto& now : situations()) {
    server.tell(now.what);
    for (const auto& question : questions) {
      EXPECT_EQ(answer_to(server.port(), question), now.is_healthy() ? "OK" : "") << now.name << ' ' << question;
    }
  }
}

TEST(Versionless, AnythingElseIsAnsweredByNothing) {
  told_server server;
  for (const std::string request : {"GET /livez\r\n", "GET /nonexistent\r\n", "GET /healthz/\r\n", "HEAD /\r\n",
                                    "OPTIONS /\r\n", "OPTIONS *\r\n", "POST /\r\n", "get /\r\n", "GET *\r\n", "GET /\n",
                                    "GET /\n\n", "GET /healthz\n", "GET /\n\r\n", "GET /\x1b\r\n"}) {
    EXPECT_EQ(answer_to(server.port(), request), "") << request;
  }
}

TEST(Versionless, LineWithoutAnEndIsAnsweredByNothing) {
  told_server server{{.bounds = {.head = 20ms, .linger = 20ms, .sweep = 5ms}}};
  for (const std::string request : {"GET /", "GET /healthz", "GET /\r", "GET", "GET / ", "PROXY UNKNOWN\r\nGET /"}) {
    EXPECT_EQ(answer_to(server.port(), request), "") << request << " and silence";
    EXPECT_EQ(answer_to(server.port(), request, true), "") << request << " and its end";
  }
}

TEST(Versionless, WhatFollowsTheLineDoesNotDestroyTheAnswer) {
  told_server server;
  for (const std::string more : {"\r\n", "Host: h\r\n\r\n", "GET /livez HTTP/1.1\r\n\r\n"}) {
    EXPECT_EQ(answer_to(server.port(), "GET /\r\n" + more), "OK") << more;
  }
  server.tell(health::reason::container_not_ready);
  EXPECT_EQ(answer_to(server.port(), "GET /\r\nGET /livez HTTP/1.1\r\n\r\n"), "") << "nothing after it is a question";
}

TEST(Versionless, WhatFollowsLaterMeetsNoReset) {
  told_server server{{.bounds = {.linger = 1min}}};
  for (const auto why : {health::reason::pod_ready, health::reason::pod_not_ready}) {
    server.tell(why);
    http_client client{"127.0.0.1", server.port()};
    client.send("GET /\r\n");
    EXPECT_EQ(client.read_until_end(), why == health::reason::pod_ready ? "OK" : "");
    EXPECT_TRUE(client.send("Host: h\r\n"));
    EXPECT_TRUE(client.send("\r\n")) << "after a reset nothing can be sent";
  }
}

}  // namespace
}  // namespace sidecar::test
