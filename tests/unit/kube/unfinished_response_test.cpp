#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/kube/response_parser.hpp"
#include "unit/kube/response_bytes.hpp"

/// Responses that end early or are too long, and what is known of them then; responses without an end.
namespace sidecar::kube {
namespace {

using progress = response_parser::progress;

/// What ends early, and what is known of it then.
struct unfinished_row {
  std::string name;
  std::string bytes;
  unsigned status;  ///< 0: nothing is known
  std::string body{};
  bool is_cut = false;
};
void PrintTo(const unfinished_row& row, std::ostream* out) { *out << row.name; }

class UnfinishedResponse : public testing::TestWithParam<unfinished_row> {};

TEST_P(UnfinishedResponse, IsKnownByItsHeadHoweverItIsCut) {
  const auto& row = GetParam();
  for (std::size_t step = 1; step <= row.bytes.size(); step += 1 + row.bytes.size() / 300) {
    SCOPED_TRACE(step);
    response_parser parser({.body = 100, .total = 1000});
    std::string_view rest = row.bytes;
    for (bool goes_on = true; goes_on && !rest.empty();) {
      const auto fed = parser.feed(rest.substr(0, step));
      rest.remove_prefix(std::min(step, rest.size()));
      goes_on = fed.has_value();
      if (goes_on) {
        ASSERT_EQ(*fed, progress::need_more);
      }
    }
    const auto known = parser.take_unfinished();
    ASSERT_EQ(known.has_value(), row.status != 0);
    if (!known) continue;
    EXPECT_EQ(known->status, row.status);
    EXPECT_EQ(known->body.substr(0, row.body.size()), row.body);
    EXPECT_EQ(known->is_cut, row.is_cut);
    EXPECT_FALSE(known->reusable);
  }
}

const std::string unavailable = "HTTP/1.1 503 Service Unavailable\r\n";

INSTANTIATE_TEST_SUITE_P(
    All, UnfinishedResponse,
    testing::Values(unfinished_row{"no byte of a head's end", unavailable + "Retry-After: 1\r\n", 0},
                    unfinished_row{"framed by nothing", "HTTP/1.0 503 x\r\n\r\nsorry\n", 503, "sorry\n"},
                    unfinished_row{"framed by nothing, and no body", unavailable + "Connection: close\r\n\r\n", 503},
                    unfinished_row{"no phrase", "HTTP/1.1 503\r\n\r\nsorry", 503, "sorry"},
                    unfinished_row{"cut length", unavailable + "Content-Length: 20\r\n\r\nsorry", 503, "sorry", true},
                    unfinished_row{"cut length, no body", unavailable + "Content-Length: 20\r\n\r\n", 503, "", true},
                    unfinished_row{"cut chunks", unavailable + "Transfer-Encoding: chunked\r\n\r\n5\r\nsorry\r\n", 503,
                                   "sorry", true},
                    unfinished_row{"no chunk", unavailable + "Transfer-Encoding: chunked\r\n\r\n", 503, "", true},
                    unfinished_row{"nonsense for a chunk",
                                   unavailable + "Transfer-Encoding: chunked\r\n\r\nsorry\r\n\r\n", 503, "", true},
                    unfinished_row{"too long to be kept", unavailable + "\r\n" + std::string(500, 'x'), 503},
                    unfinished_row{"a length too long to be kept", unavailable + "Content-Length: 5000\r\n\r\nsorry",
                                   503, "", true},
                    unfinished_row{"a chunk too long to be kept",
                                   unavailable + "Transfer-Encoding: chunked\r\n\r\n5000\r\nsorry", 503, "", true},
                    unfinished_row{"404 framed by nothing", "HTTP/1.0 404 x\r\n\r\n{}", 404, "{}"},
                    unfinished_row{"404 cut", "HTTP/1.1 404 x\r\nContent-Length: 5\r\n\r\n{}", 404, "{}", true},
                    unfinished_row{"a redirect", "HTTP/1.0 302 x\r\nLocation: /\r\n\r\n", 302},
                    unfinished_row{"interim", "HTTP/1.1 100 Continue\r\n\r\n", 0},
                    unfinished_row{"switching protocols", "HTTP/1.1 101 x\r\n\r\n", 0},
                    unfinished_row{"after interim", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 502 x\r\n\r\n", 502},
                    unfinished_row{"two framings",
                                   unavailable + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx", 0},
                    unfinished_row{"200 framed by nothing", std::string{ok_head} + "\r\n{}", 0},
                    unfinished_row{"200 cut", std::string{ok_head} + "Content-Length: 5\r\n\r\n{}", 0},
                    unfinished_row{"200 without its last chunk", with_chunks("2\r\n{}\r\n"), 0},
                    unfinished_row{"200 of nonsense", with_chunks("2\r\n{}\r\nzz\r\n"), 0}));

TEST(ResponseThatEndsEarly, KeepsRetryAfterAndTheRestOfItsHead) {
  response_parser parser;
  ASSERT_TRUE(parser.feed("HTTP/1.1 429 x\r\nRetry-After: 4\r\nConnection: close\r\n\r\nslow\n"));
  const auto known = parser.take_unfinished();
  ASSERT_TRUE(known);
  EXPECT_EQ(known->retry_after, "4");
}

TEST(ResponseThatEndsEarly, IsNothingIfItsHeadWasTooLong) {
  const auto bytes = unavailable + "Retry-After: 1\r\n\r\nsorry";
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    response_parser parser({.head = 40});
    for (std::size_t at = 0; at < bytes.size() && parser.feed(bytes.substr(at, step)); at += step) {
    }
    EXPECT_FALSE(parser.take_unfinished()) << step;
  }
}

struct excess_row {
  std::string name;
  std::string bytes;
  std::uint64_t size;
  bool is_all;
};
void PrintTo(const excess_row& row, std::ostream* out) { *out << row.name; }

class ExcessiveResponse : public testing::TestWithParam<excess_row> {};

TEST_P(ExcessiveResponse, IsRefusedWithItsSizeAndNotKept) {
  const auto& row = GetParam();
  for (std::size_t step = 1; step <= 500; step += 7) {
    SCOPED_TRACE(step);
    response_parser parser({.body = 100, .total = 1000});
    bool failed = false;
    for (std::size_t at = 0; at < row.bytes.size() && !failed; at += step) {
      const auto fed = parser.feed(std::string_view{row.bytes}.substr(at, step));
      failed = !fed;
      ASSERT_TRUE(failed || *fed == progress::need_more);
    }
    EXPECT_TRUE(failed);
    const auto known = parser.take_unfinished();
    ASSERT_TRUE(known && known->excess);
    EXPECT_EQ(known->status, 200U);
    EXPECT_EQ(known->body, "");
    EXPECT_EQ(known->excess->limit, 100U);
    EXPECT_EQ(known->excess->is_all, row.is_all);
    if (row.is_all) {
      EXPECT_EQ(known->excess->bytes, row.size);
    } else {
      EXPECT_GT(known->excess->bytes, 100U);
      EXPECT_LE(known->excess->bytes, row.size);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, ExcessiveResponse,
    testing::Values(
        excess_row{"announced", with_length(std::string(101, 'x')), 101, true},
        excess_row{"announced beyond all limits",
                   std::string{ok_head} + "Content-Length: 18446744073709551615\r\n\r\n{", 18446744073709551615U, true},
        excess_row{"in a chunk", with_chunks("65\r\n" + std::string(101, 'x') + "\r\n0\r\n\r\n"), 101, true},
        excess_row{"in chunks",
                   with_chunks("50\r\n" + std::string(80, 'x') + "\r\n50\r\n" + std::string(80, 'x') + "\r\n0\r\n\r\n"),
                   160, true},
        excess_row{"without end",
                   with_chunks("350\r\n" + std::string(848, 'x') + "\r\n50\r\n" + std::string(80, 'x') + "\r\n50\r\n" +
                               std::string(80, 'x')),
                   1000, false},
        excess_row{"a chunk beyond all limits", with_chunks("ffffffffffffffff\r\n{"), 1000, false}));

TEST(ResponseParser, StopsAtTheBodyLimitWhateverTheFraming) {
  const response_limits small{.body = 100};
  EXPECT_TRUE(parse(with_length(std::string(101, 'x')), 4096, small).failed);
  EXPECT_TRUE(parse(with_chunks("80\r\n" + std::string(128, 'x') + "\r\n0\r\n\r\n"), 16, small).failed);
  EXPECT_TRUE(parse(with_length(std::string(100, 'x')), 4096, small).complete);
}

TEST(ResponseParser, StopsAnEndlessStreamOfTinyChunks) {
  response_parser parser({.total = 10'000});
  ASSERT_TRUE(parser.feed(with_chunks("")));
  bool failed = false;
  for (int i = 0; i < 2'000 && !failed; ++i) failed = !parser.feed("1;extension\r\nx\r\n");
  EXPECT_TRUE(failed);
}

TEST(ResponseParser, KnowsTheStatusOnceTheHeadIsComplete) {
  const auto bytes = with_chunks("2\r\n{}\r\n");
  const auto head = bytes.find("\r\n\r\n") + 4;
  response_parser parser;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    EXPECT_EQ(parser.so_far().status, i < head ? 0U : 200U) << i;
    ASSERT_TRUE(parser.feed(bytes.substr(i, 1)));
  }
  EXPECT_EQ(parser.so_far().body, "{}");
}

TEST(ResponseParser, KnowsNothingYetAfterAnInterimResponse) {
  response_parser parser;
  ASSERT_TRUE(parser.feed("HTTP/1.1 103 Early Hints\r\nRetry-After: 3\r\n\r\n"));
  EXPECT_EQ(parser.so_far().status, 0U);
  EXPECT_EQ(parser.so_far().retry_after, "");
  ASSERT_TRUE(parser.feed(with_length("{}")));
  EXPECT_EQ(parser.so_far().status, 200U);
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
    EXPECT_EQ(parser.take().body, "");
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
