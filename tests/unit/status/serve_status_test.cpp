#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "sidecar/http/listener.hpp"
#include "sidecar/status/page.hpp"
#include "sidecar/status/server.hpp"
#include "some_facts.hpp"
#include "support/http_client.hpp"

namespace sidecar::status {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

/// A status port on loopback, served by a thread of its own.
class StatusPort : public testing::Test {
 protected:
  void start(responder_settings settings = {.has_page = true, .hosts = {"status.example.com"}}) {
    auto acceptor = http::open_listener(io_.get_executor(), asio::ip::make_address("127.0.0.1"), 0, false);
    tested_.emplace(std::move(*acceptor), std::move(settings), known);
    tested_->start();
    port_ = tested_->local_endpoint().port();
    thread_ = std::thread([this] { io_.run(); });
  }
  ~StatusPort() override {
    io_.stop();
    if (thread_.joinable()) thread_.join();
    tested_.reset();
  }

  std::optional<test::http_response> ask(const std::string& line, const std::string& host = "127.0.0.1") const {
    test::http_client client("127.0.0.1", port_);
    return client.ask(line + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
  }

  some_facts known;
  std::uint16_t port_ = 0;

 private:
  asio::io_context io_;
  std::optional<server> tested_;
  std::thread thread_;
};

TEST_F(StatusPort, AnswersEachPathInItsFormat) {
  start();
  const auto metrics = ask("GET /metrics");
  ASSERT_TRUE(metrics);
  EXPECT_EQ(metrics->field("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_NE(metrics->body.find("\nhealthcheck_sidecar_healthy 0\n"), std::string::npos);
  const auto document = ask("GET /status");
  ASSERT_TRUE(document);
  EXPECT_EQ(document->field("Content-Type"), "application/json");
  EXPECT_TRUE(document->body.starts_with("{\"version\":"));
  const auto shown = ask("GET /");
  ASSERT_TRUE(shown);
  EXPECT_EQ(shown->field("Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(shown->body, page_html);
  EXPECT_EQ(shown->field("Content-Security-Policy"), page_policy);
  EXPECT_EQ(ask("GET /livez")->status, 200);
}

TEST_F(StatusPort, IsReadyOnceThePodsStateIsKnown) {
  start();
  EXPECT_EQ(ask("GET /readyz")->status, 503);
  EXPECT_EQ(ask("GET /nothing")->status, 404);
  EXPECT_EQ(ask("DELETE /metrics")->status, 405);
  EXPECT_EQ(ask("GET /metrics", "evil.example")->status, 421);
  EXPECT_EQ(ask("GET /metrics", "status.example.com:3002")->status, 200);
}

TEST_F(StatusPort, WithoutThePageThereIsNothingAboutThePod) {
  known.value.source.pod = &known.pod;
  start({.has_page = false, .hosts = {}});
  EXPECT_EQ(ask("GET /")->status, 404);
  EXPECT_EQ(ask("GET /status")->status, 404);
  EXPECT_EQ(ask("GET /metrics")->status, 200);
  EXPECT_EQ(ask("GET /readyz")->status, 200);
}

TEST_F(StatusPort, KeepsAConnectionAndAnswersHeadWithoutABody) {
  start();
  test::http_client client("127.0.0.1", port_);
  ASSERT_TRUE(client.send("HEAD /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  const auto head = client.read_response(true);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->field("Content-Length"), "6");
  const auto next = client.ask("GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  ASSERT_TRUE(next);
  EXPECT_EQ(next->body, "alive\n");
  EXPECT_EQ(client.read_until_end(), "");
}

TEST_F(StatusPort, PipelinedRequestsAreAnsweredInTheirOrder) {
  start();
  test::http_client client("127.0.0.1", port_);
  const std::string host = " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
  ASSERT_TRUE(client.send("GET /livez" + host + "GET /nothing" + host + "GET /readyz" + host));
  for (const int expected : {200, 404, 503}) {
    const auto next = client.read_response();
    ASSERT_TRUE(next);
    EXPECT_EQ(next->status, expected);
  }
}

TEST_F(StatusPort, WhatIsNoRequestGetsAnErrorOrNothing) {
  start();
  test::http_client bad("127.0.0.1", port_);
  EXPECT_EQ(bad.ask("GET /metrics HTTP/3.7\r\n\r\n")->status, 505);
  EXPECT_EQ(bad.read_until_end(), "");
  test::http_client body("127.0.0.1", port_);
  EXPECT_EQ(body.ask("GET /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\n")->status, 413);
  test::http_client versionless("127.0.0.1", port_);
  ASSERT_TRUE(versionless.send("GET /metrics\r\n"));
  EXPECT_EQ(versionless.read_until_end(), "");
  test::http_client tls("127.0.0.1", port_);
  ASSERT_TRUE(tls.send("\x16\x03\x01\x02\r\n\r\n"));
  EXPECT_EQ(tls.read_until_end(), "");
}

TEST_F(StatusPort, AtThirtyTwoConnectionsOneMoreIsNotKept) {
  start();
  std::vector<std::unique_ptr<test::http_client>> kept;
  for (int open = 1; open <= 32; ++open) {
    kept.push_back(std::make_unique<test::http_client>("127.0.0.1", port_));
    const auto answered = kept.back()->ask("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
    ASSERT_TRUE(answered) << open;
    EXPECT_EQ(answered->field("Connection").has_value(), open == 32) << open;
  }
}

}  // namespace
}  // namespace sidecar::status
