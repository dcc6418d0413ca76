#include "sidecar/http/request_line.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "sidecar/http/limits.hpp"

namespace sidecar::http {
namespace {

using line_kind = request_line::kind;
using namespace std::string_literals;

struct line_row {
  std::string name;
  std::string bytes;
  line_kind expected;
};

void PrintTo(const line_row& shown, std::ostream* out) { *out << testing::PrintToString(shown.bytes.substr(0, 200)); }

std::vector<line_row> complete_rows() {
  return {
      {"Http11", "GET /healthz HTTP/1.1\r\n", line_kind::http},
      {"Http10", "OPTIONS / HTTP/1.0\r\n", line_kind::http},
      {"AnotherVersion", "PRI * HTTP/2.0\r\n", line_kind::http},
      {"BareLineFeed", "GET / HTTP/1.1\n", line_kind::http},
      {"OneWord", "HTTP/1.1\r\n", line_kind::http},
      {"NoTarget", "GET HTTP/1.1\r\n", line_kind::http},
      {"ManyWords", "GET /a b c HTTP/1.1\r\n", line_kind::http},
      {"ManySpaces", "GET  /  HTTP/1.1\r\n", line_kind::http},
      {"LeadingSpace", " GET / HTTP/1.1\r\n", line_kind::http},
      {"SpacesAtTheEnd", "GET / HTTP/1.1  \r\n", line_kind::http},
      {"ControlsInTheMiddle", "GET /\0\x1b\r HTTP/1.1\r\n"s, line_kind::http},
      {"NoMethod", "G@T / HTTP/1.1\r\n", line_kind::http},

      {"SimpleGet", "GET /\r\n", line_kind::http_0_9},
      {"SimpleGetOfAPath", "GET /healthz?x\r\n", line_kind::http_0_9},
      {"SimpleGetOfAVersion", "GET /healthzHTTP/1.1\r\n", line_kind::http_0_9},
      {"SimpleGetOfNoPath", "GET HTTP\r\n", line_kind::http_0_9},
      {"SimpleGetWithSpaceAtTheEnd", "GET / \r\n", line_kind::not_http},
      {"SimpleGetWithTwoSpaces", "GET  /\r\n", line_kind::not_http},
      {"SimpleGetOfNothing", "GET \r\n", line_kind::not_http},
      {"SimpleGetEndedByLineFeed", "GET /\n", line_kind::not_http},
      {"SimpleGetWithControl", "GET /\x1b\r\n", line_kind::not_http},
      {"SimpleGetBeyondAscii", "GET /\xc3\xa9\r\n", line_kind::not_http},
      {"SimpleGetWithCarriageReturn", "GET /\r/\r\n", line_kind::not_http},
      {"SimpleHead", "HEAD /\r\n", line_kind::not_http},
      {"SimpleGetInLowerCase", "get /\r\n", line_kind::not_http},

      {"F5sWay", "HTTP GET /healthz\r\n", line_kind::not_http},
      {"F5sWayEndedByLineFeed", "HTTP GET /healthz\n", line_kind::not_http},
      {"TwoWordsForAPath", "GET /health check\r\n", line_kind::not_http},
      {"NoNumber", "GET / HTTP\r\n", line_kind::not_http},
      {"NumberApart", "GET /healthz HTTP 1.1\r\n", line_kind::not_http},
      {"VersionInLowerCase", "GET / http/1.1\r\n", line_kind::not_http},
      {"VersionOfMoreDigits", "GET / HTTP/1.10\r\n", line_kind::not_http},
      {"VersionOfFewerDigits", "GET / HTTP/1\r\n", line_kind::not_http},
      {"VersionWithoutDot", "GET / HTTP/1,1\r\n", line_kind::not_http},
      {"VersionOfLetters", "GET / HTTP/a.b\r\n", line_kind::not_http},
      {"VersionNotLast", "GET / HTTP/1.1 x\r\n", line_kind::not_http},
      {"VersionThenTab", "GET / HTTP/1.1\t\r\n", line_kind::not_http},
      {"VersionThenNul", "GET / HTTP/1.1\0\r\n"s, line_kind::not_http},
      {"VersionThenCarriageReturn", "GET / HTTP/1.1\r\r\n", line_kind::not_http},
      {"TabsBetweenWords", "GET\t/\tHTTP/1.1\r\n", line_kind::not_http},
      {"Response", "HTTP/1.1 200 OK\r\n", line_kind::not_http},
      {"MethodAlone", "GET\r\n", line_kind::not_http},
      {"Word", "PING\r\n", line_kind::not_http},
      {"Spaces", "   \r\n", line_kind::not_http},
      {"ProxyLine", "PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n", line_kind::not_http},
      {"Json", "{\"jsonrpc\":\"2.0\"}\r\n", line_kind::not_http},
      {"LongestLineOfHttp", "GET /" + std::string(head_bytes - 16, 'x') + " HTTP/1.1\n", line_kind::http},
  };
}

class RequestLine : public testing::TestWithParam<line_row> {};

TEST_P(RequestLine, SaysWhetherItsSenderSpeaksHttp) {
  const auto line = read_request_line(GetParam().bytes);
  EXPECT_EQ(line.what, GetParam().expected);
  EXPECT_EQ(line.size, GetParam().bytes.size());
}

TEST_P(RequestLine, IsOpenUntilItsEndAndThenSettled) {
  const auto& bytes = GetParam().bytes;
  for (std::size_t size = 0; size < bytes.size(); size += 1 + bytes.size() / 500) {
    ASSERT_EQ(read_request_line(bytes.substr(0, size)).what, line_kind::unfinished) << size;
  }
  for (const std::string more : {"\r\n", "Host: h\r\n\r\n", "GET / HTTP/1.1\r\n\r\n"}) {
    EXPECT_EQ(read_request_line(bytes + more).what, GetParam().expected);
    EXPECT_EQ(read_request_line(bytes + more).size, bytes.size());
  }
}

INSTANTIATE_TEST_SUITE_P(Complete, RequestLine, testing::ValuesIn(complete_rows()),
                         [](const auto& input) { return input.param.name; });

TEST(RequestLineThatNeedsNoEnd, IsNoneByItsFirstByte) {
  for (const auto& bytes : {"\x16\x03\x01\x02\0\x01"s, "\x16"s, "\r"s, "\n"s, "\r\n"s, "\r\nGET / HTTP/1.1\r\n"s,
                            "\r\n\r\n\0\r\nQUIT\n"s, "\0"s, "\t"s, "\x80\x2e\x01\x03\x00"s, "\xef\xbb\xbfGET /"s}) {
    EXPECT_EQ(read_request_line(bytes).what, line_kind::not_http) << testing::PrintToString(bytes);
  }
}

TEST(RequestLineWithoutEnd, IsNoneOnceAHeadMayHaveNoMore) {
  for (const std::string start : {"GET /", "HTTP GET /", "A"}) {
    const auto line = start + std::string(head_bytes - start.size(), 'x');
    EXPECT_EQ(read_request_line(line.substr(0, head_bytes - 1)).what, line_kind::unfinished);
    EXPECT_EQ(read_request_line(line).what, line_kind::not_http);
    EXPECT_EQ(read_request_line(line + " HTTP/1.1\r\n").what, line_kind::not_http) << "its end comes too late";
  }
}

TEST(Silence, IsExplainedByWhatCame) {
  EXPECT_NE(explain_silence("\x16\x03\x01").find("set TLS_CERT"), std::string_view::npos);
  for (const auto& bytes : {"PROXY TCP4 x\r\n"s, "\r\n\r\n\0\r\nQUIT\n\x31"s}) {
    EXPECT_NE(explain_silence(bytes).find("PROXY protocol"), std::string_view::npos) << bytes;
  }
  for (const auto& bytes : {"HTTP GET /healthz\r\n"s, "PING"s, "\r\nGET / HTTP/1.1\r\n"s}) {
    EXPECT_NE(explain_silence(bytes).find("GET /healthz HTTP/1.1"), std::string_view::npos) << bytes;
  }
}

}  // namespace
}  // namespace sidecar::http
