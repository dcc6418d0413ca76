#include "sidecar/kube/response_parser.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "support/recording.hpp"
#include "unit/kube/response_bytes.hpp"

namespace sidecar::kube {
namespace {

using progress = response_parser::progress;

TEST(ResponseParser, ReadsABodyOfKnownLength) {
  const auto got = parse(with_length("{}"), 4096);
  ASSERT_TRUE(got.complete);
  EXPECT_EQ(got.response.status, 200U);
  EXPECT_EQ(got.response.body, "{}");
  EXPECT_TRUE(got.response.reusable);
}

TEST(ResponseParser, ReadsTheSameHoweverTheBytesAreCut) {
  const auto bytes = with_chunks("5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\nX-Trailer: 1\r\n\r\n");
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    SCOPED_TRACE(step);
    const auto got = parse(bytes, step);
    ASSERT_TRUE(got.complete);
    EXPECT_EQ(got.response.body, "hello world");
    EXPECT_TRUE(got.response.reusable);
  }
}

TEST(ResponseParser, ReadsABodyOfNoChunksHoweverItIsCut) {
  const auto bytes = with_chunks("0\r\n\r\n");
  for (std::size_t first = 1; first < bytes.size(); ++first) {
    for (std::size_t step = 1; step <= 5; ++step) {
      SCOPED_TRACE(std::to_string(first) + ", then " + std::to_string(step));
      response_parser parser;
      auto fed = parser.feed(std::string_view{bytes}.substr(0, first));
      for (std::size_t at = first; at < bytes.size(); at += step) {
        ASSERT_EQ(fed.value(), progress::need_more);
        fed = parser.feed(std::string_view{bytes}.substr(at, step));
      }
      ASSERT_EQ(fed.value(), progress::complete);
      EXPECT_EQ(parser.take().body, "");
    }
  }
}

TEST(ResponseParser, ReadsEveryRecordedPod) {
  for (const auto& name : {"pod-ready", "pod-large-identity", "pod-native-sidecar"}) {
    SCOPED_TRACE(name);
    const auto bytes = test::test_data("recordings/" + std::string{name} + ".http");
    for (const std::size_t step : {std::size_t{1}, std::size_t{1000}, std::size_t{16384}, bytes.size()}) {
      const auto got = parse(bytes, step);
      ASSERT_TRUE(got.complete) << "step " << step;
      EXPECT_EQ(got.response.status, 200U);
      EXPECT_EQ(got.response.body, test::recorded_body(name));
    }
  }
}

/// As servers write that reserve room for a size they do not know yet.
TEST(ResponseParser, PassesOverBlanksAfterAChunksSizeHoweverItIsCut) {
  for (const std::string tail :
       {"5  \r\nhello\r\n6\t\r\n world\r\n0\r\n\r\n", "5 ;a=b \r\nhello\r\n000006     \r\n world\r\n0  \r\n\r\n",
        "b \r\nhello world\r\n0 \t \r\nX-Trailer: 1 \r\n\r\n"}) {
    const auto bytes = with_chunks(tail);
    for (std::size_t step = 1; step <= bytes.size(); ++step) {
      SCOPED_TRACE(tail + std::to_string(step));
      const auto got = parse(bytes, step);
      ASSERT_TRUE(got.complete);
      EXPECT_EQ(got.response.body, "hello world");
      EXPECT_TRUE(got.response.reusable);
    }
    for (std::size_t first = bytes.size() - tail.size(); first < bytes.size(); ++first) {
      response_parser parser;
      ASSERT_EQ(parser.feed(std::string_view{bytes}.substr(0, first)).value(), progress::need_more) << tail << first;
      ASSERT_EQ(parser.feed(std::string_view{bytes}.substr(first)).value(), progress::complete) << tail << first;
      EXPECT_EQ(parser.take().body, "hello world");
    }
  }
}

TEST(ResponseParser, ReadsAStatusLineThatEndsWithItsStatus) {
  for (const std::string start : {"HTTP/1.1 200\r\n", "HTTP/1.0 200\r\n", "HTTP/1.1 100\r\n\r\nHTTP/1.1 200\r\n"}) {
    const auto bytes = start + "Content-Length: 2\r\n\r\n{}";
    for (std::size_t step = 1; step <= bytes.size(); ++step) {
      const auto got = parse(bytes, step);
      ASSERT_TRUE(got.complete) << start << step;
      EXPECT_EQ(got.response.status, 200U);
      EXPECT_EQ(got.response.body, "{}");
    }
  }
}

TEST(ResponseParser, KeepsTheFieldsThatDecide) {
  const auto got = parse(
      "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 2\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n"
      "Connection: close\r\n\r\n",
      4096);
  ASSERT_TRUE(got.complete);
  EXPECT_EQ(got.response.status, 429U);
  EXPECT_EQ(got.response.retry_after, "2");
  EXPECT_EQ(got.response.content_encoding, "gzip");
  EXPECT_FALSE(got.response.reusable);
}

TEST(ResponseParser, KeepsEveryContentEncoding) {
  const auto got =
      parse("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Encoding: identity\r\nContent-Length: 0\r\n\r\n", 1);
  EXPECT_EQ(got.response.content_encoding, "gzip,identity");
}

TEST(ResponseParser, TrailersChangeNothing) {
  const auto got = parse(with_chunks("2\r\n{}\r\n0\r\nContent-Encoding: gzip\r\nRetry-After: 5\r\n\r\n"), 4096);
  ASSERT_TRUE(got.complete);
  EXPECT_EQ(got.response.content_encoding, "");
  EXPECT_EQ(got.response.retry_after, "");
}

TEST(ResponseParser, PassesOverInterimResponses) {
  const auto got =
      parse("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + with_length("{}"), 1);
  ASSERT_TRUE(got.complete);
  EXPECT_EQ(got.response.status, 200U);
  EXPECT_EQ(got.response.body, "{}");
}

TEST(ResponseParser, DoesNotReuseAConnectionThatSaysMoreThanItsResponse) {
  const auto got = parse(with_length("{}") + "HTTP/1.1 200 OK\r\n", 4096);
  ASSERT_TRUE(got.complete);
  EXPECT_FALSE(got.response.reusable);
}

struct refused_row {
  std::string name;
  std::string bytes;
};

std::vector<refused_row> refused_rows() {
  std::string interim;
  for (int i = 0; i < 4; ++i) interim += "HTTP/1.1 102 Processing\r\n\r\n";
  return {
      {"switching protocols", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"},
      {"endless interim responses", interim + with_length("{}")},
      {"body to the end of the connection", std::string{ok_head} + "\r\n{}"},
      {"compressed for the transfer",
       std::string{ok_head} + "Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"},
      {"chunked and chunked again",
       std::string{ok_head} + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"},
      {"length and chunks",
       std::string{ok_head} + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"},
      {"two lengths", std::string{ok_head} + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} "},
      {"negative length", std::string{ok_head} + "Content-Length: -1\r\n\r\n{}"},
      {"length of nonsense", std::string{ok_head} + "Content-Length: 0x10\r\n\r\n{}"},
      {"announced too large", std::string{ok_head} + "Content-Length: 99999999\r\n\r\n{"},
      {"chunk of nonsense", with_chunks("zz\r\n{}\r\n0\r\n\r\n")},
      {"chunk of blanks", with_chunks("  \r\n{}\r\n0\r\n\r\n")},
      {"blank before a chunk's size", with_chunks(" 2\r\n{}\r\n0\r\n\r\n")},
      {"blanks without an end after a chunk's size", with_chunks("2" + std::string(100'000, ' '))},
      {"two words for a chunk's size", with_chunks("2 x\r\n{}\r\n0\r\n\r\n")},
      {"status of four digits", "HTTP/1.1 2000\r\nContent-Length: 2\r\n\r\n{}"},
      {"chunk size beyond 64 bits", with_chunks("ffffffffffffffffff\r\n{}")},
      {"head too large", std::string{ok_head} + "X-Padding: " + std::string(70'000, 'x') + "\r\n\r\n"},
      {"head without an end", std::string{ok_head} + std::string(70'000, 'x')},
      {"trailer too large", with_chunks("2\r\n{}\r\n0\r\nX-Padding: " + std::string(70'000, 'x') + "\r\n\r\n")},
      {"chunk extension without an end", with_chunks("2;" + std::string(100'000, 'x'))},
      {"no status line", "{\"kind\":\"Pod\",\"apiVersion\":\"v1\"}\r\n\r\n"},
      {"a request", "GET / HTTP/1.1\r\n\r\n"},
      {"another protocol", std::string("\x00\x00\x12\x04\x00\x00\x00\x00\x00", 9) + std::string(20'000, '\0')},
      {"header injection", "HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n"},
  };
}

TEST(ResponseParser, LimitsTheHeadToTheByteHoweverItIsCut) {
  const auto bytes = with_length("{}");
  const auto head = bytes.size() - 2;
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    SCOPED_TRACE(step);
    EXPECT_TRUE(parse(bytes, step, {.head = head}).complete);
    EXPECT_TRUE(parse(bytes, step, {.head = head - 1}).failed);
    EXPECT_TRUE(parse("HTTP/1.1 100 Continue\r\n\r\n" + bytes, step, {.head = head}).complete);
  }
}

TEST(ResponseParser, RefusesWhatCannotBeTrusted) {
  for (const auto& row : refused_rows()) {
    SCOPED_TRACE(row.name);
    for (const std::size_t step : {std::size_t{1}, std::size_t{997}, row.bytes.size()}) {
      const auto got = parse(row.bytes, step);
      EXPECT_TRUE(got.failed) << "step " << step;
      EXPECT_FALSE(got.complete) << "step " << step;
    }
  }
}

TEST(ResponseParser, AnUnfinishedResponseIsNeverComplete) {
  for (const auto& bytes : {with_length("{}"), with_chunks("2\r\n{}\r\n0\r\n\r\n")}) {
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_FALSE(parse(std::string_view{bytes}.substr(0, size), 4096).complete) << size;
    }
  }
}

}  // namespace
}  // namespace sidecar::kube
