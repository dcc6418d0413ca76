#include "sidecar/http/request_reader.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "sidecar/http/limits.hpp"
#include "sidecar/http/proxy_header.hpp"
#include "sidecar/http/route.hpp"

namespace sidecar::http {
namespace {

using status = request_reader::status;
using namespace std::string_literals;

request_reader::outcome read(std::string_view bytes) {
  request_reader reader;
  return reader.feed(bytes);
}

/// "200" stands for a complete head, "bare" for a line without a version and what it asks for, other numbers for the
/// refusal, "silence" for what is no HTTP request, "more" for neither.
std::string summary(const request_reader::outcome& outcome) {
  if (outcome.request.is_http_0_9()) return "bare " + std::string(outcome.request.target);
  if (outcome.status == status::need_more) return "more";
  if (outcome.status == status::not_http) return "silence";
  if (outcome.status == status::refused) return std::to_string(static_cast<unsigned>(outcome.refusal));
  return "200";
}

struct head_row {
  std::string name;
  std::string bytes;
  std::string expected;
};

void PrintTo(const head_row& shown, std::ostream* out) { *out << testing::PrintToString(shown.bytes.substr(0, 200)); }

std::string get_with(const std::string& fields) { return "GET /healthz HTTP/1.1\r\n" + fields + "\r\n"; }

/// Every row of the table of inputs that a server meets, and what is answered.
std::vector<head_row> head_rows() {
  const auto method_is_ours_to_judge = "200"s;
  return {
      {"Http10WithoutHost", "GET /healthz HTTP/1.0\r\n\r\n", "200"},
      {"Http11WithoutHost", get_with(""), "200"},
      {"OneHost", get_with("Host: a\r\n"), "200"},
      {"EmptyHost", get_with("Host:\r\n"), "200"},
      {"TheSameHostTwice", get_with("Host: a\r\nHost: A\r\n"), "200"},
      {"TwoHosts", get_with("Host: a\r\nHost: b\r\n"), "400"},
      {"AHostThatContinuesAnother", get_with("Host: a\r\nHost: ab\r\n"), "400"},
      {"FoldedHost", get_with("Host: a\r\n b\r\n"), "400"},
      {"Http09", "GET /healthz\r\n", "bare /healthz"},
      {"Http09WithFields", "GET /healthz\r\nHost: a\r\n\r\n", "bare /healthz"},
      {"BareLineFeeds", "GET /healthz HTTP/1.1\nHost: a\n\n", "400"},
      {"BareLineFeedAfterTheRequestLine", "GET /healthz HTTP/1.1\r\nHost: a\n\r\n", "400"},
      {"BareLineFeedAtTheEnd", "GET /healthz HTTP/1.1\r\nHost: a\r\n\n", "400"},
      {"BareLineFeedAfterAWrongVersion", "GET /healthz HTTP/3.0\r\nHost: a\n\r\n", "505"},
      {"Http2Preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "505"},
      {"Http12", "GET / HTTP/1.2\r\n\r\n", "505"},
      {"Http09ByName", "GET / HTTP/0.9\r\n\r\n", "505"},
      {"LeadingSpace", " GET / HTTP/1.1\r\n\r\n", "400"},
      {"MethodThatIsNoToken", "G@T / HTTP/1.1\r\n\r\n", "400"},
      {"TwoSpaces", "GET  / HTTP/1.1\r\n\r\n", "400"},
      {"TwoSpacesBeforeTheVersion", "GET /  HTTP/1.1\r\n\r\n", "400"},
      {"SpaceAfterTheVersion", "GET / HTTP/1.1 \r\n\r\n", "400"},
      {"EmptyTarget", "GET  HTTP/1.1\r\n\r\n", "400"},
      {"NulInTarget", "GET /\0 HTTP/1.1\r\n\r\n"s, "400"},
      {"EscapeInTarget", "GET /\x1b[31m HTTP/1.1\r\n\r\n", "400"},
      {"DelInTarget", "GET /\x7f HTTP/1.1\r\n\r\n", "400"},
      {"TabInTarget", "GET /\t HTTP/1.1\r\n\r\n", "400"},
      {"Utf8InTarget", "GET /\xc3\xa9 HTTP/1.1\r\n\r\n", "200"},
      {"UnknownMethod", "FOOBAR / HTTP/1.1\r\n\r\n", method_is_ours_to_judge},
      {"LowerCaseMethod", "get / HTTP/1.1\r\n\r\n", method_is_ours_to_judge},
      {"SpaceBeforeTheColon", get_with("Host : a\r\n"), "400"},
      {"EmptyFieldName", get_with(": a\r\n"), "400"},
      {"FieldWithoutColon", get_with("Host\r\n"), "400"},
      {"FieldNameInUtf8", get_with("H\xc3\xb6st: a\r\n"), "400"},
      {"NulInValue", get_with("X: a\0b\r\n"s), "400"},
      {"NulInFieldName", get_with("X\0: a\r\n"s), "400"},
      {"EscapeInValue", get_with("User-Agent: \x1b[2J\r\n"), "400"},
      {"BareCarriageReturnInValue", get_with("X: a\rb\r\n"), "400"},
      {"BareCarriageReturnBeforeTheEnd", get_with("X: a\r\r\n"), "400"},
      {"BareLineFeedInValue", get_with("X: a\nb\r\n"), "400"},
      {"Utf8InValue", get_with("X: \xc3\xa9\xff\r\n"), "200"},
      {"FoldedValue", get_with("X: a\r\n b\r\n\tc\r\n"), "200"},
      {"FoldedEmptyValue", get_with("X:\r\n \r\n \r\n"), "200"},
      {"FoldBeforeTheFirstField", get_with(" X: a\r\n"), "400"},
      {"FoldedValueOfMoreThanFourKilobytes", get_with("X: a\r\n " + std::string(5'000, 'b') + "\r\n"), "431"},
      {"ManyFields", get_with([] {
         std::string fields;
         for (int i = 0; i < 300; ++i) fields += "X-" + std::to_string(i) + ": " + std::to_string(i) + "\r\n";
         return fields;
       }()),
       "200"},
      {"NegativeContentLength", get_with("Content-Length: -1\r\n"), "400"},
      {"SignedContentLength", get_with("Content-Length: +5\r\n"), "400"},
      {"HexadecimalContentLength", get_with("Content-Length: 0x5\r\n"), "400"},
      {"EmptyContentLength", get_with("Content-Length:\r\n"), "400"},
      {"HugeContentLength", get_with("Content-Length: 99999999999999999999999\r\n"), "400"},
      {"TwoContentLengths", get_with("Content-Length: 5\r\nContent-Length: 6\r\n"), "400"},
      {"AListOfContentLengths", get_with("Content-Length: 5, 6\r\n"), "400"},
      {"TheSameContentLengthTwice", get_with("Content-Length: 5\r\nContent-Length: 5\r\n"), "413"},
      {"AListOfTheSameContentLength", get_with("Content-Length: 5, 5\r\n"), "413"},
      {"ContentLengthFive", get_with("Content-Length: 5\r\n"), "413"},
      {"ContentLengthOfAnOptionsRequest", "OPTIONS * HTTP/1.1\r\nContent-Length: 1\r\n\r\n", "413"},
      {"ContentLengthZero", get_with("Content-Length: 0\r\n"), "200"},
      {"ExpectWithBody", get_with("Expect: 100-continue\r\nContent-Length: 5\r\n"), "413"},
      {"ExpectWithoutBody", get_with("Expect: 100-continue\r\n"), "200"},
      {"Chunked", get_with("Transfer-Encoding: chunked\r\n"), "413"},
      {"ChunkedInCapitals", get_with("TRANSFER-ENCODING: Chunked\r\n"), "413"},
      {"ChunkedAndContentLength", get_with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), "400"},
      {"ContentLengthAndChunked", get_with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), "400"},
      {"IdentityAndContentLengthZero", get_with("Transfer-Encoding: identity\r\nContent-Length: 0\r\n"), "400"},
      {"Identity", get_with("Transfer-Encoding: identity\r\n"), "400"},
      {"XChunked", get_with("Transfer-Encoding: xchunked\r\n"), "400"},
      {"ChunkedThenGzip", get_with("Transfer-Encoding: chunked, gzip\r\n"), "400"},
      {"GzipThenChunked", get_with("Transfer-Encoding: gzip, chunked\r\n"), "400"},
      {"ChunkedTwice", get_with("Transfer-Encoding: chunked, chunked\r\n"), "400"},
      {"ChunkedInTwoFields", get_with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), "400"},
      {"EmptyTransferEncoding", get_with("Transfer-Encoding:\r\n"), "400"},
      {"ChunkedWithHttp10", "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "400"},
      {"ChunkedFolded", get_with("Transfer-Encoding:\r\n chunked\r\n"), "413"},
      {"PostWithBody", "POST /healthz HTTP/1.1\r\nContent-Length: 4\r\n\r\nping", method_is_ours_to_judge},
      {"PostChunked", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", method_is_ours_to_judge},
      {"PostIdentity", "POST / HTTP/1.1\r\nTransfer-Encoding: identity\r\n\r\n", "400"},
      {"UpgradeToHttp2", get_with("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n"),
       "200"},
      {"F5sWay", "HTTP GET /healthz\r\n\r\n", "silence"},
      {"HeadOfNineKilobytes", get_with("X: " + std::string(9'000, 'a') + "\r\n"), "431"},
      {"HeadOfAHundredKilobytes", get_with("X: " + std::string(100'000, 'a') + "\r\n"), "431"},
      {"MethodOfNineKilobytes", std::string(9'000, 'A'), "silence"},
      {"Nothing", "", "more"},
      {"AnUnfinishedLine", "GET /healthz HTTP/1.1", "more"},
      {"AnUnfinishedLineEnd", "GET /healthz HTTP/1.1\r", "more"},
      {"AnUnfinishedHead", "GET /healthz HTTP/1.1\r\nHost: a\r\n", "more"},
  };
}

class RequestReaderTable : public testing::TestWithParam<head_row> {};

TEST_P(RequestReaderTable, DecidesAsDocumented) { EXPECT_EQ(summary(read(GetParam().bytes)), GetParam().expected); }

/// Fed like a session feeds it: what came so far, after every segment, until there is a decision.
std::string summary_when_cut(std::string_view bytes, std::size_t step, std::size_t first) {
  request_reader reader;
  for (std::size_t end = first;; end = std::min(end + step, bytes.size())) {
    const auto outcome = reader.feed(bytes.substr(0, end));
    if (outcome.status != status::need_more || end == bytes.size()) return summary(outcome);
  }
}

TEST_P(RequestReaderTable, DecidesTheSameHoweverTheBytesAreCut) {
  const auto& [name, bytes, expected] = GetParam();
  EXPECT_EQ(summary_when_cut(bytes, 1, 0), expected) << "byte by byte";
  const auto stride = std::max<std::size_t>(1, bytes.size() / 200);
  for (std::size_t cut = 0; cut < bytes.size(); cut += stride) {
    ASSERT_EQ(summary_when_cut(bytes, bytes.size(), cut), expected) << "cut after " << cut;
  }
}

INSTANTIATE_TEST_SUITE_P(Inputs, RequestReaderTable, testing::ValuesIn(head_rows()),
                         [](const auto& input) { return input.param.name; });

TEST(RequestReader, TellsTheMethodsApart) {
  EXPECT_EQ(read("GET / HTTP/1.1\r\n\r\n").request.method, method::get);
  EXPECT_EQ(read("HEAD / HTTP/1.1\r\n\r\n").request.method, method::head);
  EXPECT_EQ(read("OPTIONS / HTTP/1.1\r\n\r\n").request.method, method::options);
  EXPECT_EQ(read("get / HTTP/1.1\r\n\r\n").request.method, method::other);
  EXPECT_EQ(read("POST / HTTP/1.1\r\n\r\n").request.method, method::other);
}

TEST(RequestReader, PassesTheTargetOnAsItCame) {
  const std::string bytes = "GET http://h/a%2e/../b?q#f HTTP/1.1\r\n\r\n";
  const auto target = read(bytes).request.target;
  EXPECT_EQ(target, "http://h/a%2e/../b?q#f");
  EXPECT_EQ(target.data(), bytes.data() + 4);
}

TEST(RequestReader, KeepsHttp11AliveUnlessItSaysClose) {
  EXPECT_TRUE(read(get_with("")).request.keep_alive);
  EXPECT_TRUE(read(get_with("Connection: keep-alive\r\n")).request.keep_alive);
  EXPECT_FALSE(read(get_with("Connection: close\r\n")).request.keep_alive);
  EXPECT_FALSE(read(get_with("connection: Keep-Alive, Close\r\n")).request.keep_alive);
  EXPECT_FALSE(read(get_with("Connection: x\r\nConnection: close\r\n")).request.keep_alive);
}

TEST(RequestReader, ClosesHttp10UnlessItSaysKeepAlive) {
  EXPECT_FALSE(read("GET / HTTP/1.0\r\n\r\n").request.keep_alive);
  EXPECT_TRUE(read("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").request.keep_alive);
  EXPECT_FALSE(read("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n").request.keep_alive);
}

TEST(RequestReader, SeesABodyComing) {
  EXPECT_FALSE(read("POST / HTTP/1.1\r\n\r\n").request.has_body);
  EXPECT_FALSE(read("POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n").request.has_body);
  EXPECT_TRUE(read("POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\n").request.has_body);
  EXPECT_TRUE(read("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n").request.has_body);
}

TEST(RequestReader, RecognizesAKubeletByItsUserAgent) {
  EXPECT_TRUE(is_kubelet(read(get_with("User-Agent: kube-probe/1.30\r\n")).request.user_agent));
  EXPECT_FALSE(is_kubelet(read(get_with("User-Agent: x kube-probe/1.30\r\n")).request.user_agent));
  EXPECT_FALSE(is_kubelet(read(get_with("X-User-Agent: kube-probe/1.30\r\n")).request.user_agent));
}

TEST(RequestReader, PassesHostAndUserAgentOnAsTheyCame) {
  const auto bytes = get_with("Host:  a.example:3000 \r\nX: y\r\nUser-Agent: <b>\xff\r\n");
  const auto both = read(bytes).request;
  EXPECT_EQ(both.host, "a.example:3000");
  EXPECT_EQ(both.user_agent, "<b>\xff");
  EXPECT_EQ(both.host.data(), bytes.data() + bytes.find("a.example"));

  const struct {
    std::string fields, host, user_agent;
  } rows[] = {
      {"", "", ""},
      {"Host:\r\nUser-Agent:\r\n", "", ""},
      {"Host: a\r\nHost: A\r\nUser-Agent: b\r\nUser-Agent: c\r\n", "A", "c"},
      {"User-Agent: a\r\n b\r\n", "", ""},
      {"User-Agent: a\r\nUser-Agent: b\r\n c\r\n", "", ""},
      {"X-Host: a\r\nX-User-Agent: b\r\n", "", ""},
  };
  for (const auto& row : rows) {
    const auto head = get_with(row.fields);
    const auto outcome = read(head);
    EXPECT_EQ(summary(outcome), "200") << row.fields;
    EXPECT_EQ(outcome.request.host, row.host) << row.fields;
    EXPECT_EQ(outcome.request.user_agent, row.user_agent) << row.fields;
  }
}

TEST(RequestReader, TakesAHeadOfExactlyTheLimitAndNotOneByteMore) {
  const auto head_of = [](std::size_t size) {
    return get_with("X: " + std::string(size - get_with("X: \r\n").size(), 'a') + "\r\n");
  };
  ASSERT_EQ(head_of(head_bytes).size(), head_bytes);
  EXPECT_EQ(summary(read(head_of(head_bytes))), "200");
  EXPECT_EQ(summary(read(head_of(head_bytes + 1))), "431");
}

TEST(RequestReader, ReadsPipelinedHeadsOneAfterTheOther) {
  const std::string bytes = "GET /a HTTP/1.1\r\n\r\nHEAD /b HTTP/1.0\r\nX: y\r\n\r\nGET /c";
  request_reader reader;
  std::string_view left = bytes;
  const auto first = reader.feed(left);
  EXPECT_EQ(first.request.target, "/a");
  left.remove_prefix(first.consumed);
  const auto second = reader.feed(left);
  EXPECT_EQ(second.request.target, "/b");
  EXPECT_EQ(second.request.version, http_version::http_1_0);
  left.remove_prefix(second.consumed);
  EXPECT_EQ(left, "GET /c");
  EXPECT_EQ(summary(reader.feed(left)), "more");
}

TEST(RequestReader, ForgetsThePreviousHead) {
  request_reader reader;
  ASSERT_EQ(summary(reader.feed(get_with("Host: a\r\nConnection: close\r\nUser-Agent: kube-probe/1\r\n"))), "200");
  const auto next = reader.feed(get_with("Host: b\r\n"));
  EXPECT_EQ(summary(next), "200");
  EXPECT_TRUE(next.request.keep_alive);
  EXPECT_EQ(next.request.user_agent, "");
}

TEST(RequestReader, OutlivesAnySingleByteChangeOfAValidHead) {
  const auto valid = get_with("Host: a\r\nContent-Length: 0\r\nConnection: close\r\nX: y\r\n z\r\n");
  for (std::size_t at = 0; at < valid.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      auto bytes = valid;
      bytes[at] = static_cast<char>(byte);
      ASSERT_EQ(summary_when_cut(bytes, 1, 0), summary(read(bytes))) << "byte " << byte << " at " << at;
    }
  }
}

TEST(RequestReader, TellsAHeadThatIsLateFromWhatIsNoRequestYet) {
  for (const auto* const bytes : {"", "G", "GET / HTTP/1.1", "GET / HTTP/1.1\r", "HTTP GET /healthz"}) {
    request_reader reader;
    EXPECT_EQ(summary(reader.feed(bytes)), "more");
    EXPECT_FALSE(reader.has_request_line()) << bytes;
  }
  request_reader reader;
  const std::string head = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  EXPECT_EQ(summary(reader.feed(head.substr(0, 16))), "more");
  EXPECT_TRUE(reader.has_request_line());
  EXPECT_EQ(summary(reader.feed(head)), "200");
  EXPECT_FALSE(reader.has_request_line()) << "the next one's is to come";
}

std::string contents(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::filesystem::path> recordings() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(SIDECAR_TEST_DATA "/checkers")) {
    if (entry.path().extension() == ".bin") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

TEST(CheckerRecordings, AreAllThere) { EXPECT_EQ(recordings().size(), 28u); }

TEST(CheckerRecordings, ReachTheHealthAnswer) {
  for (const auto& file : recordings()) {
    SCOPED_TRACE(file);
    auto bytes = contents(file);
    const auto header = read_proxy_header(bytes);
    const bool has_header = file.filename().string().find("send-proxy") != std::string::npos;
    EXPECT_EQ(header.what, has_header ? proxy_header::kind::complete : proxy_header::kind::absent);
    bytes.erase(0, header.size);
    const auto outcome = read(bytes);
    if (file.filename() == "http-check-post-body.bin") {
      ASSERT_EQ(summary(outcome), "200");
      EXPECT_EQ(route_of(outcome.request.method, outcome.request.target), destination{route::method_not_allowed});
      EXPECT_TRUE(outcome.request.has_body);
    } else {
      ASSERT_EQ(summary(outcome), "200");
      EXPECT_EQ(outcome.consumed, bytes.size());
      EXPECT_EQ(route_of(outcome.request.method, outcome.request.target), destination{route::health});
      EXPECT_FALSE(outcome.request.keep_alive);
    }
  }
}

}  // namespace
}  // namespace sidecar::http
