#include "sidecar/kube/response_parser.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

#include "support/recording.hpp"
#include "unit/kube/response_bytes.hpp"

namespace sidecar::kube {
namespace {

TEST(ResponseParser, ReadsTheSameHoweverTheBytesAreCut) {
  const std::pair<std::string, std::string> rows[] = {
      {with_length("{}"), "{}"},
      {with_chunks("0\r\n\r\n"), ""},
      {with_chunks("5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\nX-Trailer: 1\r\n\r\n"), "hello world"},
      {"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + with_length("{}"), "{}"},
      // As servers write that reserve room for a size they do not know yet.
      {with_chunks("5  \r\nhello\r\n6\t\r\n world\r\n0\r\n\r\n"), "hello world"},
      {with_chunks("5 ;a=b \r\nh \r\no\r\n000006     \r\n world\r\n0  \r\n\r\n"), "h \r\no world"},
      {with_chunks("b \r\nhello world\r\n0 \t \r\nX-Trailer: 1 \r\n\r\n"), "hello world"},
      // A status line that ends with its status.
      {"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}", "{}"},
      {"HTTP/1.1 100\r\n\r\nHTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}", "{}"}};
  for (const auto& [bytes, body] : rows) {
    for (std::size_t first = 1; first <= bytes.size(); ++first) {
      for (const std::size_t step : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{5}, bytes.size()}) {
        SCOPED_TRACE(bytes + std::to_string(first) + ", then " + std::to_string(step));
        response_parser parser;
        ASSERT_EQ(feed_to_end(parser, bytes, first, step), feed_end::complete);
        const auto response = parser.take();
        EXPECT_EQ(response.status, 200U);
        EXPECT_EQ(response.body, body);
        EXPECT_TRUE(response.reusable);
      }
    }
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      response_parser parser;
      EXPECT_EQ(feed_to_end(parser, bytes.substr(0, size), size, 1), feed_end::needs_more) << bytes << size;
    }
  }
}

TEST(ResponseParser, ReadsEveryRecordedPod) {
  for (const auto& name : {"pod-ready", "pod-large-identity", "pod-native-sidecar"}) {
    const auto bytes = test::test_data("recordings/" + std::string{name} + ".http");
    for (const std::size_t step : {std::size_t{1}, std::size_t{1000}, std::size_t{16384}, bytes.size()}) {
      response_parser parser;
      ASSERT_EQ(feed_to_end(parser, bytes, step, step), feed_end::complete) << name << step;
      EXPECT_EQ(parser.take().body, test::recorded_body(name));
    }
  }
}

TEST(ResponseParser, KeepsTheFieldsThatDecideAndIgnoresTrailers) {
  response_parser parser;
  feed_to_end(parser,
              "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 2\r\nContent-Encoding: gzip\r\n"
              "Content-Encoding: identity\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n"
              "Content-Encoding: br\r\nRetry-After: 5\r\n\r\n",
              1, 1);
  const auto response = parser.take();
  EXPECT_EQ(response.status, 429U);
  EXPECT_EQ(response.retry_after, "2");
  EXPECT_EQ(response.content_encoding, "gzip,identity");
  EXPECT_FALSE(response.reusable);
}

TEST(ResponseParser, DoesNotReuseAConnectionThatSaysMoreThanItsResponse) {
  const auto bytes = with_length("{}") + "HTTP/1.1 200 OK\r\n";
  response_parser parser;
  ASSERT_EQ(feed_to_end(parser, bytes, bytes.size(), 1), feed_end::complete);
  EXPECT_FALSE(parser.take().reusable);
}

TEST(ResponseParser, LimitsTheHeadToTheByteHoweverItIsCut) {
  const auto bytes = with_length("{}");
  const auto head = bytes.size() - 2;
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    SCOPED_TRACE(step);
    response_parser enough({.head = head}), too_little({.head = head - 1}), after_interim({.head = head});
    EXPECT_EQ(feed_to_end(enough, bytes, step, step), feed_end::complete);
    EXPECT_EQ(feed_to_end(too_little, bytes, step, step), feed_end::failed);
    EXPECT_FALSE(too_little.take_unfinished()) << "nothing of such a head may be used";
    EXPECT_EQ(feed_to_end(after_interim, "HTTP/1.1 100 Continue\r\n\r\n" + bytes, step, step), feed_end::complete);
  }
}

TEST(ResponseParser, LimitsAChunksLineAndTheTrailersToTheByteHoweverTheyAreCut) {
  const std::string data = "5\r\nhello\r\n";
  const auto long_line = std::string(100, 'x');
  std::string trailers;
  for (int i = 0; i < 30; ++i) trailers += "a: b\r\n";
  const std::pair<std::string, std::string> rows[] = {{"2;" + long_line + "\r\n", "{}\r\n0\r\n\r\n"},
                                                      {"0;" + long_line + "\r\n\r\n", ""},
                                                      {"0" + std::string(100, ' ') + "\r\n", "\r\n"},
                                                      {"0\r\n" + trailers + "\r\n", ""}};
  for (const auto& [limited, rest] : rows) {
    const auto bytes = with_chunks(data + limited + rest);
    const auto limit = limited.size() + 2;  // with the line end of the chunk before
    for (std::size_t step = 1; step <= bytes.size(); ++step) {
      SCOPED_TRACE(limited + std::to_string(step));
      response_parser enough({.head = limit}), too_little({.head = limit - 1});
      EXPECT_EQ(feed_to_end(enough, bytes, step, step), feed_end::complete);
      EXPECT_EQ(feed_to_end(too_little, bytes, step, step), feed_end::failed);
    }
  }
}

TEST(ResponseParser, RefusesWhatCannotBeTrusted) {
  const std::string ok{ok_head};
  const std::string interim = "HTTP/1.1 102 Processing\r\n\r\n";
  const std::string chunks = "2\r\n{}\r\n0\r\n\r\n";
  const std::pair<const char*, std::string> rows[] = {
      {"switching protocols", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"},
      {"endless interim responses", interim + interim + interim + interim + with_length("{}")},
      {"body to the end of the connection", ok + "\r\n{}"},
      {"compressed for the transfer", ok + "Transfer-Encoding: gzip, chunked\r\n\r\n" + chunks},
      {"chunked and chunked again", ok + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks},
      {"length and chunks", ok + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks},
      {"two lengths", ok + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} "},
      {"negative length", ok + "Content-Length: -1\r\n\r\n{}"},
      {"length of nonsense", ok + "Content-Length: 0x10\r\n\r\n{}"},
      {"announced too large", ok + "Content-Length: 99999999\r\n\r\n{"},
      {"chunk of nonsense", with_chunks("zz\r\n{}\r\n0\r\n\r\n")},
      {"chunk of blanks", with_chunks("  \r\n{}\r\n0\r\n\r\n")},
      {"second chunk of blanks", with_chunks("2\r\n{}\r\n  \r\n\r\n")},
      {"blank before a chunk's size", with_chunks(" 2\r\n{}\r\n0\r\n\r\n")},
      {"blanks without an end after a chunk's size", with_chunks("2" + std::string(100'000, ' '))},
      {"two words for a chunk's size", with_chunks("2 x\r\n{}\r\n0\r\n\r\n")},
      {"status of four digits", "HTTP/1.1 2000\r\nContent-Length: 2\r\n\r\n{}"},
      {"status of two digits", "HTTP/1.1 20\r\nContent-Length: 2\r\n\r\n{}"},
      {"small letters", "http/1.1 200\r\nContent-Length: 2\r\n\r\n{}"},
      {"radio", "ICY 200\r\nicy-br: 128\r\nContent-Length: 2\r\n\r\n{}"},
      {"chunk size beyond 64 bits", with_chunks("ffffffffffffffffff\r\n{}")},
      {"head too large", ok + "X-Padding: " + std::string(70'000, 'x') + "\r\n\r\n"},
      {"head without an end", ok + std::string(70'000, 'x')},
      {"trailer too large", with_chunks("2\r\n{}\r\n0\r\nX-Padding: " + std::string(70'000, 'x') + "\r\n\r\n")},
      {"chunk extension without an end", with_chunks("2;" + std::string(100'000, 'x'))},
      {"no status line", "{\"kind\":\"Pod\",\"apiVersion\":\"v1\"}\r\n\r\n"},
      {"a request", "GET / HTTP/1.1\r\n\r\n"},
      {"another protocol", std::string("\x00\x00\x12\x04\x00\x00\x00\x00\x00", 9) + std::string(20'000, '\0')},
      {"header injection", "HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n"}};
  for (const auto& [name, bytes] : rows) {
    for (const std::size_t step : {std::size_t{1}, std::size_t{997}, bytes.size()}) {
      response_parser parser;
      EXPECT_EQ(feed_to_end(parser, bytes, step, step), feed_end::failed) << name << ", step " << step;
    }
  }
}

TEST(ResponseParser, KnowsTheStatusOnceTheHeadIsComplete) {
  const auto bytes = "HTTP/1.1 103 Early Hints\r\nRetry-After: 3\r\n\r\n" + with_chunks("2\r\n{}\r\n");
  const auto head = bytes.rfind("\r\n\r\n") + 4;
  response_parser parser;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    EXPECT_EQ(parser.so_far().status, i < head ? 0U : 200U) << i;
    EXPECT_EQ(parser.so_far().retry_after, "");
    ASSERT_TRUE(parser.feed(bytes.substr(i, 1)));
  }
  EXPECT_EQ(parser.so_far().body, "{}");
}

TEST(ResponseParser, HandsOverEachByteOfTheBodyOnce) {
  const auto bytes = with_chunks("5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n");
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    response_parser parser;
    std::string drained;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
      ASSERT_TRUE(parser.feed(std::string_view{bytes}.substr(at, step)));
      drained += parser.drain();
      EXPECT_EQ(parser.drain(), "");
    }
    EXPECT_EQ(drained, "hello world") << step;
  }
}

TEST(ResponseParser, WhatIsDrainedCountsForNoLimit) {
  response_parser parser({.body = 100, .total = 300}, response_parser::body::drained);
  ASSERT_TRUE(parser.feed(with_chunks("")));
  const auto chunk = "5a\r\n" + std::string(90, 'x') + "\r\n";
  for (int i = 0; i < 1'000; ++i) {
    ASSERT_TRUE(parser.feed(chunk)) << i;
    ASSERT_EQ(parser.drain().size(), 90U);
  }
  ASSERT_TRUE(parser.feed(chunk));
  EXPECT_FALSE(parser.feed(chunk)) << "what is not drained does";
}

}  // namespace
}  // namespace sidecar::kube
