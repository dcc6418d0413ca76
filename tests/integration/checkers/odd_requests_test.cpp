#include <gtest/gtest.h>

#include <chrono>
#include <ostream>

#include "situations.hpp"
#include "support/client_hello.hpp"
#include "support/http_client.hpp"
#include "support/recording.hpp"
#include "told_server.hpp"

/// What a server meets that it should not: the whole answer, and whether the connection lives on.
namespace sidecar::test {
namespace {

using namespace std::string_literals;

struct row {
  std::string name;
  std::string bytes;
  std::string answer;  ///< the status line without its version; and "kept" if another request is answered after it
};

void PrintTo(const row& shown, std::ostream* out) { *out << shown.name; }

std::string get(const std::string& fields, const std::string& body = {}) {
  return "GET /healthz HTTP/1.1\r\n" + fields + "\r\n" + body;
}

std::vector<row> accepted_rows() {
  return {
      {"Http10WithoutHost", "GET /healthz HTTP/1.0\r\n\r\n", "200 OK"},
      {"Http11WithoutHost", get(""), "200 OK kept"},
      {"EmptyHost", get("Host:\r\n"), "200 OK kept"},
      {"UnknownMethod", "FOOBAR /healthz HTTP/1.1\r\n\r\n", "405 Method Not Allowed kept"},
      {"LowerCaseMethod", "get /healthz HTTP/1.1\r\n\r\n", "405 Method Not Allowed kept"},
      {"Utf8InTarget", "GET /h\xc3\xa9 HTTP/1.1\r\n\r\n", "404 Not Found kept"},
      {"AbsoluteForm", "GET http://h:80/healthz HTTP/1.1\r\nHost: h\r\n\r\n", "200 OK kept"},
      {"AuthorityForm", "CONNECT h:443 HTTP/1.1\r\n\r\n", "404 Not Found kept"},
      {"OptionsStar", "OPTIONS * HTTP/1.1\r\n\r\n", "200 OK kept"},
      {"GetStar", "GET * HTTP/1.1\r\n\r\n", "404 Not Found kept"},
      {"FoldedField", get("X: a\r\n b\r\n"), "200 OK kept"},
      {"ContentLengthZero", get("Content-Length: 0\r\n"), "200 OK kept"},
      {"ExpectWithoutBody", get("Expect: 100-continue\r\n"), "200 OK kept"},
      {"UpgradeToHttp2", get("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n"),
       "200 OK kept"},
      {"UpgradeToWebSocket", get("Connection: Upgrade\r\nUpgrade: websocket\r\n"), "200 OK kept"},
  };
}

std::vector<row> malformed_rows() {
  const auto bad = "400 Bad Request"s, new_version = "505 HTTP Version Not Supported"s;
  return {
      {"TwoHosts", get("Host: a\r\nHost: b\r\n"), bad},
      {"BareLineFeeds", "GET /healthz HTTP/1.1\nHost: a\n\n", bad},
      {"Http2Preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", new_version},
      {"Http12", "GET /healthz HTTP/1.2\r\n\r\n", new_version},
      {"MethodThatIsNoToken", "G@T /healthz HTTP/1.1\r\n\r\n", bad},
      {"TwoSpaces", "GET  /healthz HTTP/1.1\r\n\r\n", bad},
      {"EmptyTarget", "GET  HTTP/1.1\r\n\r\n", bad},
      {"NulInTarget", "GET /health\0z HTTP/1.1\r\n\r\n"s, bad},
      {"EscapeInTarget", "GET /\x1b[2J HTTP/1.1\r\n\r\n", bad},
      {"SpaceBeforeTheColon", get("Host : a\r\n"), bad},
      {"EmptyFieldName", get(": a\r\n"), bad},
      {"NulInValue", get("X: a\0b\r\n"s), bad},
      {"BareCarriageReturnInValue", get("X: a\rb\r\n"), bad},
      {"BareLineFeedInValue", get("X: a\nb\r\n"), bad},
      {"NegativeContentLength", get("Content-Length: -1\r\n"), bad},
      {"SignedContentLength", get("Content-Length: +5\r\n", "hello"), bad},
      {"HexadecimalContentLength", get("Content-Length: 0x5\r\n", "hello"), bad},
      {"HugeContentLength", get("Content-Length: 99999999999999999999999\r\n"), bad},
      {"ChunkedAndContentLength", get("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"), bad},
      {"ContentLengthAndChunked", get("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), bad},
      {"Identity", get("Transfer-Encoding: identity\r\n", get("")), bad},
      {"XChunked", get("Transfer-Encoding: xchunked\r\n", get("")), bad},
      {"ChunkedThenGzip", get("Transfer-Encoding: chunked, gzip\r\n", get("")), bad},
      {"ChunkedTwice", get("Transfer-Encoding: chunked, chunked\r\n", get("")), bad},
      {"ChunkedWithHttp10", "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", bad},
  };
}

std::vector<row> large_rows() {
  const auto content = "413 Content Too Large"s, head = "431 Request Header Fields Too Large"s;
  const auto trailer = "0\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n";
  return {
      {"AListOfTheSameContentLength", get("Content-Length: 5, 5\r\n", "hello"), content},
      {"TheSameContentLengthTwice", get("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"), content},
      {"ContentLengthFive", get("Content-Length: 5\r\n", "hello"), content},
      {"ContentLengthOfARequest", get("Content-Length: " + std::to_string(get("").size()) + "\r\n", get("")), content},
      {"BodyOfAPost", "POST /healthz HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello", "405 Method Not Allowed"},
      {"Chunked", get("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n"), content},
      {"ChunkedWithALargeTrailer", get("Transfer-Encoding: chunked\r\n", trailer), content},
      {"ExpectWithBody", get("Expect: 100-continue\r\nContent-Length: 5\r\n"), content},
      {"HeadOfNineKilobytes", get("X: " + std::string(9'000, 'x') + "\r\n"), head},
      {"HeadOfThirtyKilobytes", get("X: " + std::string(30'000, 'x') + "\r\n"), head},
  };
}

std::vector<row> rows() {
  auto all = accepted_rows();
  for (const auto& more : {malformed_rows(), large_rows()}) all.insert(all.end(), more.begin(), more.end());
  return all;
}

class OddRequest : public testing::TestWithParam<row> {
 protected:
  // A head that never ends is cut off soon.
  told_server server{{.bounds = {.head = std::chrono::milliseconds{500}, .sweep = std::chrono::milliseconds{5}}}};
};

INSTANTIATE_TEST_SUITE_P(Inputs, OddRequest, testing::ValuesIn(rows()),
                         [](const auto& input) { return input.param.name; });

const std::string livez = "GET /livez HTTP/1.1\r\n\r\n";

TEST_P(OddRequest, IsAnsweredAsDocumentedAndTheConnectionIsKeptOrEnds) {
  http_client client{"127.0.0.1", server.port()};
  client.send(GetParam().bytes);
  const auto answer = client.read_response();
  ASSERT_TRUE(answer);
  const auto next = client.ask(livez);
  const auto status = answer->status_line.substr(9) + (next && next->status == 200 ? " kept" : "");
  EXPECT_EQ(status, GetParam().answer);
  if (next) return;
  EXPECT_EQ(client.leftover(), "") << "more than the answer";
  EXPECT_EQ(answer->field("Connection"), "close");
}

TEST_P(OddRequest, IsFollowedByFinAndIsNeverTakenForHealthyWhileThePodIsNot) {
  for (const auto why : {health::reason::all_containers_ready, health::reason::container_not_ready}) {
    server.tell(why);
    http_client client{"127.0.0.1", server.port()};
    client.send(GetParam().bytes);
    client.half_close();
    const auto answer = client.read_response();
    ASSERT_TRUE(answer);
    EXPECT_TRUE(why == health::reason::all_containers_ready || answer->status >= 400) << answer->status_line;
    EXPECT_EQ(client.read_until_end(), "");
    EXPECT_EQ(client.last_end(), read_end::closed) << "by FIN and not by a reset";
  }
}

/// What is no HTTP request: to a checker that was told of nothing to look for, a 400 is as good as a 200.
std::vector<row> silent_rows() {
  return {
      {"F5sWay", "HTTP GET /healthz\r\n", ""},
      {"F5sWayWithTwoLineEnds", "HTTP GET /healthz\r\n\r\n", ""},
      {"F5sWayWithoutLineEnd", "HTTP GET /healthz", ""},
      {"F5sWayEscapedTwice", "GET / HTTP/1.0\\r\\n\\r\\n", ""},
      {"TwoWordsForAPath", "GET /health check\r\n\r\n", ""},
      {"NoVersionNumber", "GET / HTTP\r\n\r\n", ""},
      {"VersionNumberApart", "GET /healthz HTTP 1.1\r\n\r\n", ""},
      {"VersionInLowerCase", "GET /healthz http/1.1\r\n\r\n", ""},
      {"MethodAlone", "GET\r\n", ""},
      {"Ping", "PING\r\n", ""},
      {"Word", "hello\r\n\r\n", ""},
      {"Json", "{\"method\":\"health\"}\n", ""},
      {"LeadingLineEnd", "\r\n" + get(""), ""},
      {"LineFeedAlone", "\n", ""},
      {"Nul", std::string(1, '\0'), ""},
      {"TlsClientHello", client_hello(), ""},
      {"HaProxysSslHelloChk", test_data("handshakes/haproxy-ssl-hello-chk.bin"), ""},
      {"ClientHelloOfSsl3", test_data("handshakes/ssl-3.0-short.bin"), ""},
      {"MalformedProxyLine", "PROXY TCP4 192.0.2.1\r\n" + get(""), ""},
      {"TwoProxyLines", "PROXY UNKNOWN\r\nPROXY UNKNOWN\r\n" + get(""), ""},
      {"MalformedProxyHeader", "\r\n\r\n\0\r\nQUIT\n\x31"s + get(""), ""},
      {"TargetOfNineKilobytes", "GET /" + std::string(9'000, 'x') + " HTTP/1.1\r\n\r\n", ""},
      {"LineOfThirtyKilobytes", std::string(30'000, 'x'), ""},
      {"Noise", "\x80\x2e\x01\xff\xfe\r\n\r\n", ""},
  };
}

class NoRequest : public OddRequest {
 protected:
  std::string answer(bool with_end) const {
    http_client client{"127.0.0.1", server.port()};
    client.send(GetParam().bytes);
    if (with_end) client.half_close();
    auto bytes = client.read_until_end();
    EXPECT_EQ(client.last_end(), read_end::closed);
    return bytes;
  }
};

INSTANTIATE_TEST_SUITE_P(Inputs, NoRequest, testing::ValuesIn(silent_rows()),
                         [](const auto& input) { return input.param.name; });

TEST_P(NoRequest, GetsNoByteWhateverThereIsToSay) {
  for (const auto& now : situations()) {
    server.tell(now.what);
    EXPECT_EQ(answer(true), "") << now.name;
  }
}

TEST_P(NoRequest, GetsNoByteFromAPeerThatSaysNoMore) { EXPECT_EQ(answer(false), ""); }

TEST_P(NoRequest, GetsNoByteAfterAnAnswerEither) {
  http_client client{"127.0.0.1", server.port()};
  const auto first = client.ask(livez);
  ASSERT_TRUE(first);
  client.send(GetParam().bytes);
  client.half_close();
  EXPECT_EQ(client.read_until_end(), "");
}

}  // namespace
}  // namespace sidecar::test
