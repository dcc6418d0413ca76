#include <gtest/gtest.h>

#include <chrono>

#include "checker.hpp"
#include "situations.hpp"

/// What follows from all that checkers do, whatever is asked and whatever there is to say.
namespace sidecar::test {
namespace {

using namespace std::chrono_literals;

const std::vector<std::string> methods{"GET", "HEAD", "OPTIONS"};
const std::vector<std::string> paths{"/healthz", "/health", "/", "/livez", "/nonexistent", "/healthz/../livez"};

std::string line(const std::string& method, const std::string& path, const std::string& version = "HTTP/1.1") {
  return method + ' ' + path + ' ' + version + "\r\n\r\n";
}

/// Questions and nonsense of every kind that is answered.
std::vector<std::string> requests() {
  std::vector<std::string> all{line("OPTIONS", "*"),
                               line("POST", "/healthz"),
                               line("GET", "/", "HTTP/3.0"),
                               line("G@T", "/"),
                               "GET / HTTP/1.1\r\nX: " + std::string(9'000, 'x'),
                               "GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello",
                               "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"};
  for (const auto& method : methods) {
    for (const auto& path : paths) {
      for (const std::string version : {"HTTP/1.0", "HTTP/1.1"}) all.push_back(line(method, path, version));
    }
  }
  return all;
}

/// The answers to all `requests`, in all situations.
class Rules : public testing::TestWithParam<unsigned> {
 protected:
  template <class Check>
  void for_every_answer(Check check) {
    for (const auto& now : situations()) {
      server.tell(now.what);
      for (const auto& request : requests()) {
        const auto got = ask(server.port(), request);
        SCOPED_TRACE(now.name + "\n" + request.substr(0, 80) + got.bytes);
        ASSERT_TRUE(got.response);
        check(now, got);
      }
    }
  }

  told_server server{{.statuses = {.drain = GetParam()}}};
};

INSTANTIATE_TEST_SUITE_P(DrainStatus, Rules, testing::Values(500U, 404U));

TEST_P(Rules, EveryAnswerIsCompleteAndNoneButAHealthyOneLooksLikeOne) {
  for_every_answer([](const situation&, const seen& got) {
    const auto& answer = *got.response;
    const bool to_head = got.bytes.ends_with("\r\n\r\n");
    EXPECT_NE(answer.status / 100, 3) << "a redirect";
    EXPECT_FALSE(answer.field("Location"));
    ASSERT_TRUE(answer.status_line.starts_with("HTTP/1.1 "));
    EXPECT_EQ(answer.status == 200, answer.status_line == "HTTP/1.1 200 OK");
    EXPECT_TRUE(answer.status != 200 || to_head || answer.body == "OK") << "a digest of it is configured";
    EXPECT_TRUE(answer.status == 200 || lower(got.bytes).find("ok") == std::string::npos);
    EXPECT_EQ(answer.field("Cache-Control"), "no-store");
    const auto length = answer.field("Content-Length");
    EXPECT_TRUE(to_head ? length.has_value() : length == std::to_string(answer.body.size()));
    EXPECT_EQ(got.bytes, answer.head + answer.body) << "more than the answer";
    EXPECT_EQ(got.end, read_end::closed);
  });
}

TEST_P(Rules, HeadAndOptionsHaveTheStatusOfGetOnEveryPath) {
  for (const auto& now : situations()) {
    server.tell(now.what);
    for (const auto& path : paths) {
      const auto get = ask(server.port(), line("GET", path)), head = ask(server.port(), line("HEAD", path)),
                 options = ask(server.port(), line("OPTIONS", path));
      ASSERT_TRUE(get.response && head.response && options.response) << now.name << ' ' << path;
      EXPECT_EQ(head.bytes, get.response->head) << now.name << ' ' << path;
      EXPECT_EQ(options.bytes, get.bytes) << now.name << ' ' << path;
    }
  }
}

class Connections : public testing::Test {
 protected:
  /// The server has one thread: what came before is done once this is answered.
  void catch_up() { ASSERT_TRUE(ask(server.port(), line("GET", "/livez")).response); }

  told_server server;
};

TEST_F(Connections, OfHttp11StayOpenLongerThanACheckersInterval) {
  EXPECT_GE(http::limits{}.idle, 75s);
  http_client client{"127.0.0.1", server.port()};
  for (const auto& now : situations()) {
    if (now.what.draining) continue;
    server.tell(now.what);
    const auto answer = client.ask(line("GET", "/healthz"));
    ASSERT_TRUE(answer) << now.name;
    EXPECT_EQ(answer->status == 200, now.is_healthy()) << now.name;
    EXPECT_FALSE(answer->field("Connection")) << now.name;
  }
}

TEST_F(Connections, ThatCheckersResetLeaveNothingBehindAndAreWorthNoLine) {
  const checker balancer{"haproxy", "OPTIONS / HTTP/1.0\r\n\r\n", {}, manner::resets_after_the_head};
  const checker hasty{"hasty", "GET /healthz HTTP/1.1\r\n\r\n", {}, manner::resets_after_the_head};
  testing::internal::CaptureStderr();
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE((visitor{server.port(), balancer}.check().response));
    ASSERT_TRUE((visitor{server.port(), hasty}.check().response));
    http_client gone{"127.0.0.1", server.port()};
    gone.send(line("GET", "/healthz"));
    gone.reset();
  }
  catch_up();
  catch_up();
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_LE(server.sessions(), 1U) << "the one that asked last";
}

}  // namespace
}  // namespace sidecar::test
