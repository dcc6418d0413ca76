#include <gtest/gtest.h>

#include <string>

#include "sidecar/kube/response_parser.hpp"
#include "unit/kube/response_bytes.hpp"

/// Responses that end early or are too long, and what is known of them then; responses without an end.
namespace sidecar::kube {
namespace {

struct unfinished_row {
  std::string name;
  std::string bytes;
  unsigned status;  ///< 0: nothing is known
  std::string body{};
  bool is_cut = false;
};

TEST(UnfinishedResponse, IsKnownByItsHeadHoweverItIsCut) {
  const std::string unavailable = "HTTP/1.1 503 Service Unavailable\r\n";
  const std::string chunked = unavailable + "Transfer-Encoding: chunked\r\n\r\n";
  const unfinished_row rows[] = {
      {"no byte of a head's end", unavailable + "Retry-After: 1\r\n", 0},
      {"framed by nothing", "HTTP/1.0 503 x\r\n\r\nsorry\n", 503, "sorry\n"},
      {"framed by nothing, and no body", unavailable + "Connection: close\r\n\r\n", 503},
      {"no phrase", "HTTP/1.1 503\r\n\r\nsorry", 503, "sorry"},
      {"cut length", unavailable + "Content-Length: 20\r\n\r\nsorry", 503, "sorry", true},
      {"cut length, no body", unavailable + "Content-Length: 20\r\n\r\n", 503, "", true},
      {"cut chunks", chunked + "5\r\nsorry\r\n", 503, "sorry", true},
      {"no chunk", chunked, 503, "", true},
      {"nonsense for a chunk", chunked + "sorry\r\n\r\n", 503, "", true},
      {"too long to be kept", unavailable + "\r\n" + std::string(500, 'x'), 503},
      {"a length too long to be kept", unavailable + "Content-Length: 5000\r\n\r\nsorry", 503, "", true},
      {"a chunk too long to be kept", chunked + "5000\r\nsorry", 503, "", true},
      {"404 framed by nothing", "HTTP/1.0 404 x\r\n\r\n{}", 404, "{}"},
      {"404 cut", "HTTP/1.1 404 x\r\nContent-Length: 5\r\n\r\n{}", 404, "{}", true},
      {"a redirect", "HTTP/1.0 302 x\r\nLocation: /\r\n\r\n", 302},
      {"interim", "HTTP/1.1 100 Continue\r\n\r\n", 0},
      {"switching protocols", "HTTP/1.1 101 x\r\n\r\n", 0},
      {"after interim", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 502 x\r\n\r\n", 502},
      {"two framings", unavailable + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx", 0},
      {"200 framed by nothing", std::string{ok_head} + "\r\n{}", 0},
      {"200 cut", std::string{ok_head} + "Content-Length: 5\r\n\r\n{}", 0},
      {"200 without its last chunk", with_chunks("2\r\n{}\r\n"), 0},
      {"200 of nonsense", with_chunks("2\r\n{}\r\nzz\r\n"), 0}};
  for (const auto& row : rows) {
    for (std::size_t step = 1; step <= row.bytes.size(); step += 1 + row.bytes.size() / 300) {
      SCOPED_TRACE(row.name + std::to_string(step));
      response_parser parser({.body = 100, .total = 1000});
      ASSERT_NE(feed_to_end(parser, row.bytes, step, step), feed_end::complete);
      const auto known = parser.take_unfinished();
      ASSERT_EQ(known.has_value(), row.status != 0);
      if (!known) continue;
      EXPECT_EQ(known->status, row.status);
      EXPECT_EQ(known->body.substr(0, row.body.size()), row.body);
      EXPECT_EQ(known->is_cut, row.is_cut);
      EXPECT_FALSE(known->reusable);
    }
  }
}

TEST(UnfinishedResponse, KeepsRetryAfterAndTheRestOfItsHead) {
  response_parser parser;
  ASSERT_TRUE(parser.feed("HTTP/1.1 429 x\r\nRetry-After: 4\r\nConnection: close\r\n\r\nslow\n"));
  EXPECT_EQ(parser.take_unfinished().value().retry_after, "4");
}

struct excess_row {
  std::string name;
  std::string bytes;
  std::uint64_t size;
  bool is_all;
};

TEST(ExcessiveResponse, IsRefusedWithItsSizeAndNotKept) {
  const std::string fifty = "50\r\n" + std::string(80, 'x') + "\r\n";
  const excess_row rows[] = {
      {"announced", with_length(std::string(101, 'x')), 101, true},
      {"announced beyond all limits", std::string{ok_head} + "Content-Length: 18446744073709551615\r\n\r\n{",
       18446744073709551615U, true},
      {"in a chunk", with_chunks("65\r\n" + std::string(101, 'x') + "\r\n0\r\n\r\n"), 101, true},
      {"in chunks", with_chunks(fifty + fifty + "0\r\n\r\n"), 160, true},
      {"without end", with_chunks("350\r\n" + std::string(848, 'x') + "\r\n" + fifty + fifty), 1000, false},
      {"a chunk beyond all limits", with_chunks("ffffffffffffffff\r\n{"), 1000, false}};
  for (const auto& row : rows) {
    for (std::size_t step = 1; step <= 500; step += 7) {
      SCOPED_TRACE(row.name + std::to_string(step));
      response_parser parser({.body = 100, .total = 1000});
      ASSERT_EQ(feed_to_end(parser, row.bytes, step, step), feed_end::failed);
      const auto known = parser.take_unfinished();
      ASSERT_TRUE(known && known->excess);
      EXPECT_EQ(known->status, 200U);
      EXPECT_EQ(known->body, "");
      EXPECT_EQ(known->excess->limit, 100U);
      EXPECT_EQ(known->excess->is_all, row.is_all);
      EXPECT_GE(known->excess->bytes, row.is_all ? row.size : 101U);
      EXPECT_LE(known->excess->bytes, row.size);
    }
  }
  response_parser small({.body = 100});
  EXPECT_EQ(feed_to_end(small, with_length(std::string(100, 'x')), 7, 7), feed_end::complete);
}

TEST(ExcessiveResponse, IsAnEndlessStreamOfTinyChunks) {
  response_parser parser({.total = 10'000});
  ASSERT_TRUE(parser.feed(with_chunks("")));
  bool failed = false;
  for (int i = 0; i < 2'000 && !failed; ++i) failed = !parser.feed("1;extension\r\nx\r\n");
  EXPECT_TRUE(failed);
}

}  // namespace
}  // namespace sidecar::kube
