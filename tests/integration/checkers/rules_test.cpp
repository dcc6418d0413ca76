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

  told_server server{{.drain_status = GetParam()}};
};

INSTANTIATE_TEST_SUITE_P(DrainStatus, Rules, testing::Values(500U, 404U));

TEST_P(Rules, NothingIsARedirect) {
  for_every_answer([](const situation&, const seen& got) {
    EXPECT_NE(got.response->status / 100, 3);
    EXPECT_FALSE(got.response->field("Location"));
  });
}

TEST_P(Rules, TheStatusLineIsOfHttp11AndThePhraseOfA200IsOk) {
  for_every_answer([](const situation&, const seen& got) {
    const auto& status_line = got.response->status_line;
    ASSERT_TRUE(status_line.starts_with("HTTP/1.1 ")) << status_line;
    EXPECT_EQ(got.response->status == 200, status_line == "HTTP/1.1 200 OK") << status_line;
  });
}

TEST_P(Rules, AnAnswerIsCompleteAndTheConnectionEndsByFin) {
  for_every_answer([](const situation&, const seen& got) {
    const bool to_head = got.bytes.ends_with("\r\n\r\n");
    const auto length = got.response->field("Content-Length");
    EXPECT_TRUE(to_head ? length.has_value() : length == std::to_string(got.response->body.size()));
    EXPECT_EQ(got.bytes, got.response->head + got.response->body) << "more than the answer";
    EXPECT_EQ(got.end, read_end::closed);
  });
}

TEST_P(Rules, OnlyAHealthyAnswerSaysOk) {
  for_every_answer([](const situation&, const seen& got) {
    if (got.response->status == 200) return;
    EXPECT_EQ(lower(got.bytes).find("ok"), std::string::npos);
  });
}

TEST_P(Rules, NobodyMayStoreAnAnswer) {
  for_every_answer(
      [](const situation&, const seen& got) { EXPECT_EQ(got.response->field("Cache-Control"), "no-store"); });
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

TEST_P(Rules, AHealthyBodyIsTheSameFromCheckToCheck) {
  for (const auto& now : situations()) {
    if (!now.is_healthy()) continue;
    server.tell(now.what);
    for (const std::string path : {"/healthz", "/health", "/"}) {
      const auto got = ask(server.port(), line("GET", path));
      ASSERT_TRUE(got.response);
      EXPECT_EQ(got.response->body, "OK") << now.name << ' ' << path;
    }
  }
}

class Forms : public testing::Test {
 protected:
  told_server server;
};

TEST_F(Forms, OfOneQuestionAreAllUnderstood) {
  for (const std::string request : {
           "GET / HTTP/1.0\r\n\r\n",
           "GET /healthz HTTP/1.1\r\n\r\n",
           "GET http://lb.example/healthz HTTP/1.1\r\nhost: lb.example\r\n\r\n",
           "GET http://lb.example HTTP/1.1\r\nHost: another\r\n\r\n",
           "OPTIONS * HTTP/1.0\r\n\r\n",
           "OPTIONS * HTTP/1.1\r\n\r\n",
           "GET /healthz HTTP/1.1\r\nhost: h\r\nconnection: close\r\nuser-agent: x\r\n\r\n",
           "GET /healthz?verbose=1&x=%2f HTTP/1.1\r\n\r\n",
           "GET /?pool=/livez HTTP/1.0\r\n\r\n",
       }) {
    server.tell(health::reason::pod_ready);
    EXPECT_TRUE(ask(server.port(), request).bytes.starts_with("HTTP/1.1 200 OK\r\n")) << request;
    server.tell(health::reason::pod_not_ready);
    EXPECT_TRUE(ask(server.port(), request).bytes.starts_with("HTTP/1.1 500 PodNotReady\r\n")) << request;
  }
}

TEST_F(Forms, ThatNoCheckerSendsAreRefused) {
  for (const std::string request : {"GET / HTTP/1.1\nHost: h\n\n", "GET / HTTP/1.1 \r\n\r\n"}) {
    EXPECT_TRUE(ask(server.port(), request).bytes.starts_with("HTTP/1.1 400 Bad Request\r\n")) << request;
  }
}

const std::string proxy_v2{"\r\n\r\n\0\r\nQUIT\n", 12};
const std::vector<std::string> proxy_headers{
    "PROXY TCP4 192.0.2.1 192.0.2.2 41234 31313\r\n",
    "PROXY TCP6 2001:db8::1 2001:db8::2 41234 31313\r\n",
    "PROXY UNKNOWN\r\n",
    "PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535\r\n",
    proxy_v2 + std::string{"\x20\0\0\0", 4},
    proxy_v2 + std::string{"\x20\x11\0\x0c\xc0\0\2\1\xc0\0\2\2\xa1\x12\x7a\x51", 16},
    proxy_v2 + std::string{"\x21\x11\0\x0c\xc0\0\2\1\xc0\0\2\2\xa1\x12\x7a\x51", 16},
    proxy_v2 + std::string{"\x21\x21\0\x24", 4} + std::string(36, '\1'),
    proxy_v2 + std::string{"\x21\0\0\0", 4},
};

TEST_F(Forms, WithAProxyHeaderAreAnsweredAsWithoutIt) {
  const auto close = "GET /healthz HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  for (const auto why : {health::reason::pod_ready, health::reason::pod_not_ready, health::reason::api_forbidden}) {
    server.tell(why);
    for (const auto& request : {line("OPTIONS", "/", "HTTP/1.0"), line("GET", "/livez"), line("GET", "/nonexistent"),
                                line("HEAD", "/healthz"), std::string{close}}) {
      const auto plain = ask(server.port(), request);
      for (const auto& header : proxy_headers) {
        const auto got = ask(server.port(), header + request);
        EXPECT_EQ(got.bytes, plain.bytes) << testing::PrintToString(header);
        EXPECT_EQ(got.end, read_end::closed) << testing::PrintToString(header);
      }
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

TEST_F(Connections, OfHttp10CloseUnlessAskedNotTo) {
  http_client closing{"127.0.0.1", server.port()};
  const auto last = closing.ask("GET / HTTP/1.0\r\n\r\n");
  ASSERT_TRUE(last);
  EXPECT_EQ(last->field("Connection"), "close");
  EXPECT_EQ(closing.read_until_end(), "");
  EXPECT_EQ(closing.last_end(), read_end::closed);

  http_client keeping{"127.0.0.1", server.port()};
  for (int i = 0; i < 3; ++i) {
    const auto answer = keeping.ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->field("Connection"), "keep-alive");
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
