#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "unit/kube/api_client_world.hpp"

/// Errors that end with their connection, or not at all: what HAProxy says without a server, Go's server to plain text
/// on a TLS port, proxies of any age.
namespace sidecar::kube {
namespace {

using namespace std::chrono_literals;
using health::reason;
using test::afterwards;
using test::raw_answer;

struct framing_row {
  const char* name;
  std::string fields;  ///< of the head
  std::string body;
  afterwards then;
};
void PrintTo(const framing_row& row, std::ostream* out) { *out << row.name; }

class ErrorResponse : public testing::TestWithParam<framing_row>, protected client_world {
 protected:
  ErrorResponse() { settings.limits.explanation = 50ms; }

  static std::string bytes(const std::string& status, const std::string& fields = {}) {
    return status + "\r\n" + fields + GetParam().fields + "\r\n" + GetParam().body;
  }

  failure failure_after(const std::string& status, const std::string& fields = {}) {
    server.inject(test::times(1, raw_answer(bytes(status, fields), GetParam().then)));
    return failure_of(fetch());
  }
};

TEST_P(ErrorResponse, CountsByItsStatusAndLeavesNothingBehind) {
  ASSERT_TRUE(succeeds());
  for (const std::string version : {"HTTP/1.0 ", "HTTP/1.1 "}) {
    for (const auto& [status, why] :
         {std::pair{"503 Service Unavailable", reason::api_error}, std::pair{"502", reason::api_error},
          std::pair{"403 Forbidden", reason::api_forbidden}, std::pair{"401 Unauthorized", reason::api_unauthorized},
          std::pair{"400 Bad Request", reason::api_protocol}, std::pair{"302 Found", reason::api_protocol}}) {
      const auto begun = std::chrono::steady_clock::now();
      const auto problem = failure_after(version + status);
      EXPECT_EQ(problem.why, why) << problem.detail;
      EXPECT_THAT(problem.detail, testing::StartsWith("HTTP " + std::string(status, 3)));
      EXPECT_LT(std::chrono::steady_clock::now() - begun, 4s) << "the rest of it is not worth the call's time";
      EXPECT_TRUE(all_closed()) << "such a connection is not used again";
      EXPECT_TRUE(succeeds());
    }
  }
}

TEST_P(ErrorResponse, ShowsWhatCameOfItsText) {
  const auto problem = failure_after("HTTP/1.1 400 Bad Request");
  EXPECT_EQ(problem.detail, "HTTP 400: Client sent an HTTP request");
}

TEST_P(ErrorResponse, HasItsRetryAfter) {
  const auto problem = failure_after("HTTP/1.1 429 Too Many Requests", "Retry-After: 4\r\n");
  EXPECT_EQ(problem.why, reason::api_busy);
  EXPECT_EQ(problem.retry_after, 4s);
}

TEST_P(ErrorResponse, IsWorthALookAtTheToken) {
  const auto old = token;
  token = server.add_token();
  server.inject(test::times(1, raw_answer(bytes("HTTP/1.1 401 Unauthorized"), GetParam().then)));
  server.hold_answers();
  const auto call = start();
  ASSERT_TRUE(run_until_requested(1));
  files.rotate(token, server.ca());
  server.stop_holding();
  ASSERT_TRUE(run_until([&] { return call->value.has_value(); }));
  EXPECT_TRUE(std::holds_alternative<health::snapshot>(*call->value)) << failure_of(*call->value).detail;
  EXPECT_EQ(server.requests().at(0).authorization, "Bearer " + old);
  EXPECT_EQ(server.requests().at(1).authorization, "Bearer " + token);
}

TEST_P(ErrorResponse, IsNoAbsenceOfThePod) {
  settings.timeout = short_timeout;
  EXPECT_EQ(failure_after("HTTP/1.1 404 Not Found").why,
            GetParam().then == afterwards::keep_open ? reason::api_timeout : reason::api_protocol);
}

INSTANTIATE_TEST_SUITE_P(
    Each, ErrorResponse,
    testing::Values(framing_row{"ToTheEndOfTheConnection", "Connection: close\r\n", "Client sent an HTTP request\n",
                                afterwards::close},
                    framing_row{"ToAReset", "", "Client sent an HTTP request\n", afterwards::reset},
                    framing_row{"CutLength", "Content-Length: 99\r\n", "Client sent an HTTP request\n",
                                afterwards::close},
                    framing_row{"CutChunks", "Transfer-Encoding: chunked\r\n", "1b\r\nClient sent an HTTP request\r\n",
                                afterwards::close},
                    framing_row{"ChunksOfNonsense", "Transfer-Encoding: chunked\r\n",
                                "1b\r\nClient sent an HTTP request\r\nzz\r\n", afterwards::close},
                    framing_row{"Hanging", "", "Client sent an HTTP request\n", afterwards::keep_open},
                    framing_row{"HangingInItsLength", "Content-Length: 99\r\n", "Client sent an HTTP request\n",
                                afterwards::keep_open}),
    [](const auto& row) { return std::string(row.param.name); });

class ErrorResponses : public testing::Test, protected client_world {
 protected:
  static constexpr const char* not_found =
      R"({"kind":"Status","status":"Failure","reason":"NotFound","details":{"name":"game-0","kind":"pods"},"code":404})";
};

TEST_F(ErrorResponses, ThatHangCountByTheirStatusWhenTheCallsTimeIsUp) {
  settings.timeout = short_timeout;
  settings.limits.explanation = 1h;
  server.inject(raw_answer("HTTP/1.1 429 x\r\nRetry-After: 3\r\nContent-Length: 99\r\n\r\nslow"));
  const auto problem = failure_of(fetch());
  EXPECT_EQ(problem.why, reason::api_busy);
  EXPECT_EQ(problem.detail, "HTTP 429: slow");
  EXPECT_EQ(problem.retry_after, 3s);
  EXPECT_TRUE(all_closed());
}

TEST_F(ErrorResponses, WhoseHeadHangsAreTimeouts) {
  settings.timeout = short_timeout;
  server.inject(raw_answer("HTTP/1.1 503 x\r\nRetry-After: 3\r\n"));
  EXPECT_EQ(failure_of(fetch()).why, reason::api_timeout);
}

TEST_F(ErrorResponses, AnAbsenceIsOneIfItsStatusIsComplete) {
  const std::string status = not_found;
  const auto length = "Content-Length: " + std::to_string(status.size()) + "\r\n\r\n";
  const std::string rows[] = {"HTTP/1.0 404 x\r\n\r\n" + status, "HTTP/1.1 404 x\r\n" + length + status};
  for (const auto& bytes : rows) {
    server.inject(test::times(1, raw_answer(bytes, afterwards::close)));
    const auto result = fetch();
    ASSERT_TRUE(std::holds_alternative<health::snapshot>(result)) << failure_of(result).detail;
    EXPECT_TRUE(std::holds_alternative<health::absent_pod>(std::get<health::snapshot>(result).state));

    server.inject(test::times(1, raw_answer(bytes.substr(0, bytes.size() - 1), afterwards::close)));
    EXPECT_EQ(failure_of(fetch()).why, reason::api_protocol) << "without its last byte";
  }
  server.inject(raw_answer("HTTP/1.1 404 x\r\nContent-Length: 999\r\n\r\n" + status, afterwards::close));
  EXPECT_EQ(failure_of(fetch()).detail, "HTTP 404 whose body is cut short") << "there was more to come";
}

TEST_F(ErrorResponses, NeverBringAPod) {
  const auto text = body_of_pod();
  for (const std::string head : {"HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n",
                                 "HTTP/1.0 503 x\r\n\r\n", "HTTP/1.0 404 x\r\n\r\n", "HTTP/1.0 206 x\r\n\r\n"}) {
    server.inject(test::times(1, raw_answer(head + text, afterwards::close)));
    failure_of(fetch());
  }
}

TEST_F(ErrorResponses, WithoutEndCountAndCostNoMoreThanTheirLimit) {
  server.inject(test::flood("HTTP/1.1 503 x\r\n\r\n", std::string(1000, 'x')));
  const auto problem = failure_of(fetch());
  EXPECT_EQ(problem.why, reason::api_error);
  EXPECT_EQ(problem.detail, "HTTP 503: " + std::string(256, 'x'));
  EXPECT_TRUE(all_closed());
}

TEST(ErrorResponseInPlainText, OfATlsPortSaysSo) {
  client_world world({.tls = false});
  world.server.inject(raw_answer("HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n",
                                 afterwards::close));
  const auto problem = failure_of(world.fetch());
  EXPECT_EQ(problem.why, reason::api_protocol);
  EXPECT_EQ(problem.detail, "HTTP 400: Client sent an HTTP request to an HTTPS server.");
}

}  // namespace
}  // namespace sidecar::kube
