#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "checker.hpp"
#include "told_server.hpp"

/// The port with TLS, asked in plain text; the pod is ready.
namespace sidecar::test {
namespace {

class TlsPort : public testing::Test {
 protected:
  certificate_authority authority;
  told_server server{with_tls(authority)};
};

const std::string proxy_v1 = "PROXY TCP4 192.0.2.1 192.0.2.2 41234 31313\r\n";

bool says_ok(std::string text) { return lower(std::move(text)).find("ok") != std::string::npos; }

TEST_F(TlsPort, AnswersPlainTextByA400) {
  for (const std::string request :
       {"GET /healthz HTTP/1.1\r\n\r\n", "GET / HTTP/1.0\r\n\r\n", "HEAD /healthz HTTP/1.1\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\n\r\n", "GET /nonexistent HTTP/1.1\r\n\r\n", "POST /healthz HTTP/1.1\r\n\r\n",
        "POST /livez HTTP/1.1\r\n\r\n", "GET /healthz HTTP/1.1\r\nUser-Agent: kube-probe/1.30\r\n\r\n"}) {
    for (const auto& header : {std::string{}, proxy_v1}) {
      const auto got = ask(server.port(), header + request);
      ASSERT_TRUE(got.response) << request;
      EXPECT_EQ(got.response->status, 400) << request;
      EXPECT_EQ(got.response->field("Connection"), "close") << request;
      EXPECT_EQ(got.end, read_end::closed) << request;
      EXPECT_FALSE(says_ok(got.bytes)) << got.bytes;
    }
  }
}

TEST_F(TlsPort, AnswersPlainLivezForTheKubelet) {
  for (const auto why : {health::reason::pod_ready, health::reason::pod_failed}) {
    server.tell(why);
    for (const std::string request :
         {"GET /livez HTTP/1.1\r\nUser-Agent: kube-probe/1.30\r\nConnection: close\r\n\r\n",
          "GET /livez HTTP/1.0\r\n\r\n", "HEAD /livez HTTP/1.1\r\n\r\n", "OPTIONS /livez HTTP/1.1\r\n\r\n"}) {
      for (const auto& header : {std::string{}, proxy_v1}) {
        const auto got = ask(server.port(), header + request);
        ASSERT_TRUE(got.response) << request;
        EXPECT_EQ(got.response->status_line, "HTTP/1.1 200 OK") << request;
        EXPECT_EQ(got.end, read_end::closed) << request;
      }
    }
  }
}

TEST_F(TlsPort, AnswersPlainLivezAndNothingElseOnOneConnection) {
  http_client client{"127.0.0.1", server.port()};
  const auto first = client.ask("GET /livez HTTP/1.1\r\n\r\n"), second = client.ask("GET / HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->status, 200);
  EXPECT_EQ(second->status, 400);
  EXPECT_EQ(client.read_until_end(), "");
}

TEST_F(TlsPort, AnswersALineWithoutAVersionByNothing) {
  for (const std::string request : {"GET /\r\n", "GET /healthz\r\n\r\n", "GET /livez\r\n", "GET /\n", "HEAD /\r\n"}) {
    for (const auto& header : {std::string{}, proxy_v1}) {
      const auto got = ask(server.port(), header + request);
      EXPECT_EQ(got.bytes, "") << request;
      EXPECT_EQ(got.end, read_end::closed) << request;
    }
  }
}

TEST_F(TlsPort, AnswersWhatIsNoRequestByNothingInPlainTextAndOverTls) {
  for (const std::string bytes :
       {"HTTP GET /healthz\r\n", "PING\r\n", "GET / HTTP\r\n\r\n", "\nGET / HTTP/1.1\r\n\r\n"}) {
    for (const auto& header : {std::string{}, proxy_v1}) {
      const auto got = ask(server.port(), header + bytes);
      EXPECT_EQ(got.bytes, "") << bytes;
      EXPECT_EQ(got.end, read_end::closed) << bytes;
    }
    http_client secured{"127.0.0.1", server.port(), authority.pem()};
    secured.send(bytes);
    EXPECT_EQ(secured.read_until_end(), "") << bytes;
    EXPECT_EQ(secured.last_end(), read_end::closed) << "by a close_notify, which is no byte of an answer";
  }
  EXPECT_EQ(ask(server.port(), "PROXY TCP4 x\r\n" + proxy_v1).bytes, "");
}

}  // namespace
}  // namespace sidecar::test
