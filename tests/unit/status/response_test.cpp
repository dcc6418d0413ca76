#include "sidecar/status/response.hpp"

#include <gtest/gtest.h>

namespace sidecar::status {
namespace {

using http::connection_header;

TEST(StatusResponse, IsNeitherStoredNorFramedNorSniffed) {
  const response given{.content_type = "application/json", .body = "{}"};
  EXPECT_EQ(render(given, connection_header::none, true),
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nCache-Control: no-store\r\n"
            "X-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n"
            "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n\r\n{}");
}

TEST(StatusResponse, HeadHasTheSameHeadWithoutABody) {
  const response given{.body = "alive\n"};
  const auto whole = render(given, connection_header::close, true);
  EXPECT_EQ(render(given, connection_header::close, false) + "alive\n", whole);
  EXPECT_NE(whole.find("Connection: close\r\n"), whole.npos);
}

TEST(StatusResponse, AMethodThatIsNotAllowedLearnsWhichAre) {
  const auto bytes = render({.status = 405}, connection_header::keep_alive, true);
  EXPECT_TRUE(bytes.starts_with("HTTP/1.1 405 Method Not Allowed\r\n"));
  EXPECT_NE(bytes.find("Allow: GET, HEAD\r\n"), bytes.npos);
  EXPECT_NE(bytes.find("Connection: keep-alive\r\n"), bytes.npos);
}

}  // namespace
}  // namespace sidecar::status
