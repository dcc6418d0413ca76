#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "unit/kube/api_client_world.hpp"

/// Errors that end with their connection, or not at all: what HAProxy says without a server, Go's server to plain text
/// on a TLS port, proxies of any age. What is known of them is tested in unfinished_response_test.cpp.
namespace sidecar::kube {
namespace {

using namespace std::chrono_literals;
using health::reason;
using test::afterwards;
using test::raw_answer;

struct framing_row {
  std::string fields;  ///< of the head
  std::string body;
  afterwards then;
};

const std::vector<framing_row> framings{
    {"Connection: close\r\n", "Client sent an HTTP request\n", afterwards::close},
    {"", "Client sent an HTTP request\n", afterwards::reset},
    {"Content-Length: 99\r\n", "Client sent an HTTP request\n", afterwards::close},
    {"Transfer-Encoding: chunked\r\n", "1b\r\nClient sent an HTTP request\r\n", afterwards::close},
    {"Transfer-Encoding: chunked\r\n", "1b\r\nClient sent an HTTP request\r\nzz\r\n", afterwards::close},
    {"", "Client sent an HTTP request\n", afterwards::keep_open},
    {"Content-Length: 99\r\n", "Client sent an HTTP request\n", afterwards::keep_open}};

class ErrorResponse : public testing::Test, protected client_world {
 protected:
  ErrorResponse() { settings.limits.explanation = 50ms; }

  static test::fault error(const std::string& status, const framing_row& row) {
    return test::times(1, raw_answer(status + "\r\n" + row.fields + "\r\n" + row.body, row.then));
  }
};

TEST_F(ErrorResponse, CountsByItsStatusHoweverItEndsAndLeavesNothingBehind) {
  const std::pair<std::string, reason> rows[] = {{"HTTP/1.0 503 x", reason::api_error},
                                                 {"HTTP/1.1 502", reason::api_error},
                                                 {"HTTP/1.1 429 x\r\nRetry-After: 4", reason::api_busy},
                                                 {"HTTP/1.1 401 x", reason::api_unauthorized},
                                                 {"HTTP/1.1 400 x", reason::api_protocol}};
  for (const auto& framing : framings) {
    for (const auto& [status, why] : rows) {
      SCOPED_TRACE(status + "\n" + framing.fields + framing.body);
      server.inject(error(status, framing));
      const auto begun = std::chrono::steady_clock::now();
      const auto problem = failure_of(fetch());
      EXPECT_LT(std::chrono::steady_clock::now() - begun, 4s) << "the rest of it is not worth the call's time";
      EXPECT_EQ(problem.why, why) << problem.detail;
      EXPECT_EQ(problem.detail, "HTTP " + status.substr(9, 3) + ": Client sent an HTTP request");
      EXPECT_EQ(problem.retry_after, why == reason::api_busy ? std::optional{4s} : std::nullopt);
      EXPECT_TRUE(all_closed()) << "such a connection is not used again";
      EXPECT_TRUE(succeeds());
    }
  }
}

TEST_F(ErrorResponse, Of401IsWorthALookAtTheToken) {
  for (const auto& framing : framings) {
    server.forget();
    token = server.add_token();
    server.inject(error("HTTP/1.1 401 Unauthorized", framing));
    server.hold_answers();
    const auto call = start();
    ASSERT_TRUE(run_until_requested(1));
    files.rotate(token, server.ca());
    server.stop_holding();
    const auto result = finish(call);
    EXPECT_TRUE(result) << failure_of(result).detail;
    EXPECT_EQ(server.requests().at(1).authorization, "Bearer " + token);
  }
}

TEST_F(ErrorResponse, IsNoAbsenceOfThePodUnlessItsStatusIsComplete) {
  settings.timeout = short_timeout;
  for (const auto& framing : framings) {
    server.inject(error("HTTP/1.1 404 Not Found", framing));
    EXPECT_EQ(failure_of(fetch()).why,
              framing.then == afterwards::keep_open ? reason::api_timeout : reason::api_protocol);
  }
  const std::string status =
      R"({"kind":"Status","status":"Failure","reason":"NotFound","details":{"name":"game-0","kind":"pods"},"code":404})";
  server.inject(test::times(1, raw_answer("HTTP/1.0 404 x\r\n\r\n" + status, afterwards::close)));
  EXPECT_TRUE(succeeds());
  server.inject(raw_answer("HTTP/1.1 404 x\r\nContent-Length: 999\r\n\r\n" + status, afterwards::close));
  EXPECT_EQ(failure_of(fetch()).detail, "HTTP 404 whose body is cut short") << "there was more to come";
}

TEST_F(ErrorResponse, ThatHangsCountsByItsStatusWhenTheCallsTimeIsUpIfItsHeadHasCome) {
  settings.timeout = short_timeout;
  settings.limits.explanation = 1h;
  server.inject(test::times(1, raw_answer("HTTP/1.1 429 x\r\nRetry-After: 3\r\nContent-Length: 99\r\n\r\nslow")));
  EXPECT_EQ(failure_of(fetch()).detail, "HTTP 429: slow");
  EXPECT_TRUE(all_closed());
  server.inject(raw_answer("HTTP/1.1 503 x\r\nRetry-After: 3\r\n"));
  EXPECT_EQ(failure_of(fetch()).why, reason::api_timeout);
}

TEST_F(ErrorResponse, WithoutEndCountsAndCostsNoMoreThanItsLimit) {
  server.inject(test::flood("HTTP/1.1 503 x\r\n\r\n", std::string(1000, 'x')));
  EXPECT_EQ(failure_of(fetch()).detail, "HTTP 503: " + std::string(256, 'x'));
  EXPECT_TRUE(all_closed());
}

}  // namespace
}  // namespace sidecar::kube
