#include "sidecar/kube/answer_reader.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "support/recording.hpp"

namespace sidecar::kube {
namespace {

using progress = answer_reader::progress;

constexpr std::string_view ok_head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";

std::string with_length(std::string_view body) {
  return std::string{ok_head} + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string{body};
}

std::string chunked(std::string_view tail) {
  return std::string{ok_head} + "Transfer-Encoding: chunked\r\n\r\n" + std::string{tail};
}

struct outcome {
  bool complete = false;
  bool failed = false;
  api_answer answer;
};

outcome read(std::string_view bytes, std::size_t step, answer_limits limits = {}) {
  answer_reader reader(limits);
  while (!bytes.empty()) {
    const auto part = bytes.substr(0, step);
    bytes.remove_prefix(part.size());
    const auto fed = reader.feed(part);
    if (!fed) return {false, true, {}};
    if (*fed == progress::complete) return {true, false, reader.take()};
  }
  return {};
}

TEST(AnswerReader, ReadsABodyOfKnownLength) {
  const auto got = read(with_length("{}"), 4096);
  ASSERT_TRUE(got.complete);
  EXPECT_EQ(got.answer.status, 200U);
  EXPECT_EQ(got.answer.body, "{}");
  EXPECT_TRUE(got.answer.reusable);
}

TEST(AnswerReader, ReadsTheSameHoweverTheBytesAreCut) {
  const auto bytes = chunked("5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\nX-Trailer: 1\r\n\r\n");
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    SCOPED_TRACE(step);
    const auto got = read(bytes, step);
    ASSERT_TRUE(got.complete);
    EXPECT_EQ(got.answer.body, "hello world");
    EXPECT_TRUE(got.answer.reusable);
  }
}

TEST(AnswerReader, ReadsABodyOfNoChunksHoweverItIsCut) {
  const auto bytes = chunked("0\r\n\r\n");
  for (std::size_t first = 1; first < bytes.size(); ++first) {
    for (std::size_t step = 1; step <= 5; ++step) {
      SCOPED_TRACE(std::to_string(first) + ", then " + std::to_string(step));
      answer_reader reader;
      auto fed = reader.feed(std::string_view{bytes}.substr(0, first));
      for (std::size_t at = first; at < bytes.size(); at += step) {
        ASSERT_EQ(fed.value(), progress::need_more);
        fed = reader.feed(std::string_view{bytes}.substr(at, step));
      }
      ASSERT_EQ(fed.value(), progress::complete);
      EXPECT_EQ(reader.take().body, "");
    }
  }
}

TEST(AnswerReader, ReadsEveryRecordedPod) {
  for (const auto& name : {"pod-ready", "pod-large-identity", "pod-native-sidecar"}) {
    SCOPED_TRACE(name);
    const auto bytes = test::test_data("recordings/" + std::string{name} + ".http");
    for (const std::size_t step : {std::size_t{1}, std::size_t{1000}, std::size_t{16384}, bytes.size()}) {
      const auto got = read(bytes, step);
      ASSERT_TRUE(got.complete) << "step " << step;
      EXPECT_EQ(got.answer.status, 200U);
      EXPECT_EQ(got.answer.body, test::recorded_body(name));
    }
  }
}

/// As servers write that reserve room for a size they do not know yet.
TEST(AnswerReader, PassesOverBlanksAfterAChunksSizeHoweverItIsCut) {
  for (const std::string tail :
       {"5  \r\nhello\r\n6\t\r\n world\r\n0\r\n\r\n", "5 ;a=b \r\nhello\r\n000006     \r\n world\r\n0  \r\n\r\n",
        "b \r\nhello world\r\n0 \t \r\nX-Trailer: 1 \r\n\r\n"}) {
    const auto bytes = chunked(tail);
    for (std::size_t step = 1; step <= bytes.size(); ++step) {
      SCOPED_TRACE(tail + std::to_string(step));
      const auto got = read(bytes, step);
      ASSERT_TRUE(got.complete);
      EXPECT_EQ(got.answer.body, "hello world");
      EXPECT_TRUE(got.answer.reusable);
    }
    for (std::size_t first = bytes.size() - tail.size(); first < bytes.size(); ++first) {
      answer_reader reader;
      ASSERT_EQ(reader.feed(std::string_view{bytes}.substr(0, first)).value(), progress::need_more) << tail << first;
      ASSERT_EQ(reader.feed(std::string_view{bytes}.substr(first)).value(), progress::complete) << tail << first;
      EXPECT_EQ(reader.take().body, "hello world");
    }
  }
}

TEST(AnswerReader, ReadsAStatusLineThatEndsWithItsStatus) {
  for (const std::string start : {"HTTP/1.1 200\r\n", "HTTP/1.0 200\r\n", "HTTP/1.1 100\r\n\r\nHTTP/1.1 200\r\n"}) {
    const auto bytes = start + "Content-Length: 2\r\n\r\n{}";
    for (std::size_t step = 1; step <= bytes.size(); ++step) {
      const auto got = read(bytes, step);
      ASSERT_TRUE(got.complete) << start << step;
      EXPECT_EQ(got.answer.status, 200U);
      EXPECT_EQ(got.answer.body, "{}");
    }
  }
}

TEST(AnswerReader, KeepsTheFieldsThatDecide) {
  const auto got = read(
      "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 2\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n"
      "Connection: close\r\n\r\n",
      4096);
  ASSERT_TRUE(got.complete);
  EXPECT_EQ(got.answer.status, 429U);
  EXPECT_EQ(got.answer.retry_after, "2");
  EXPECT_EQ(got.answer.content_encoding, "gzip");
  EXPECT_FALSE(got.answer.reusable);
}

TEST(AnswerReader, KeepsEveryContentEncoding) {
  const auto got =
      read("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Encoding: identity\r\nContent-Length: 0\r\n\r\n", 1);
  EXPECT_EQ(got.answer.content_encoding, "gzip,identity");
}

TEST(AnswerReader, TrailersChangeNothing) {
  const auto got = read(chunked("2\r\n{}\r\n0\r\nContent-Encoding: gzip\r\nRetry-After: 5\r\n\r\n"), 4096);
  ASSERT_TRUE(got.complete);
  EXPECT_EQ(got.answer.content_encoding, "");
  EXPECT_EQ(got.answer.retry_after, "");
}

TEST(AnswerReader, PassesOverInterimAnswers) {
  const auto got =
      read("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + with_length("{}"), 1);
  ASSERT_TRUE(got.complete);
  EXPECT_EQ(got.answer.status, 200U);
  EXPECT_EQ(got.answer.body, "{}");
}

TEST(AnswerReader, DoesNotReuseAConnectionThatSaysMoreThanAsked) {
  const auto got = read(with_length("{}") + "HTTP/1.1 200 OK\r\n", 4096);
  ASSERT_TRUE(got.complete);
  EXPECT_FALSE(got.answer.reusable);
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
      {"endless interim answers", interim + with_length("{}")},
      {"body to the end of the connection", std::string{ok_head} + "\r\n{}"},
      {"length and chunks",
       std::string{ok_head} + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"},
      {"two lengths", std::string{ok_head} + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} "},
      {"negative length", std::string{ok_head} + "Content-Length: -1\r\n\r\n{}"},
      {"length of nonsense", std::string{ok_head} + "Content-Length: 0x10\r\n\r\n{}"},
      {"announced too large", std::string{ok_head} + "Content-Length: 99999999\r\n\r\n{"},
      {"chunk of nonsense", chunked("zz\r\n{}\r\n0\r\n\r\n")},
      {"chunk of blanks", chunked("  \r\n{}\r\n0\r\n\r\n")},
      {"blank before a chunk's size", chunked(" 2\r\n{}\r\n0\r\n\r\n")},
      {"blanks without an end after a chunk's size", chunked("2" + std::string(100'000, ' '))},
      {"two words for a chunk's size", chunked("2 x\r\n{}\r\n0\r\n\r\n")},
      {"status of four digits", "HTTP/1.1 2000\r\nContent-Length: 2\r\n\r\n{}"},
      {"chunk size beyond 64 bits", chunked("ffffffffffffffffff\r\n{}")},
      {"head too large", std::string{ok_head} + "X-Padding: " + std::string(70'000, 'x') + "\r\n\r\n"},
      {"head without an end", std::string{ok_head} + std::string(70'000, 'x')},
      {"trailer too large", chunked("2\r\n{}\r\n0\r\nX-Padding: " + std::string(70'000, 'x') + "\r\n\r\n")},
      {"chunk extension without an end", chunked("2;" + std::string(100'000, 'x'))},
      {"no status line", "{\"kind\":\"Pod\",\"apiVersion\":\"v1\"}\r\n\r\n"},
      {"a request", "GET / HTTP/1.1\r\n\r\n"},
      {"another protocol", std::string("\x00\x00\x12\x04\x00\x00\x00\x00\x00", 9) + std::string(20'000, '\0')},
      {"header injection", "HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n"},
  };
}

TEST(AnswerReader, LimitsTheHeadToTheByteHoweverItIsCut) {
  const auto bytes = with_length("{}");
  const auto head = bytes.size() - 2;
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    SCOPED_TRACE(step);
    EXPECT_TRUE(read(bytes, step, {.head = head}).complete);
    EXPECT_TRUE(read(bytes, step, {.head = head - 1}).failed);
    EXPECT_TRUE(read("HTTP/1.1 100 Continue\r\n\r\n" + bytes, step, {.head = head}).complete);
  }
}

TEST(AnswerReader, RefusesWhatCannotBeTrusted) {
  for (const auto& row : refused_rows()) {
    SCOPED_TRACE(row.name);
    for (const std::size_t step : {std::size_t{1}, std::size_t{997}, row.bytes.size()}) {
      const auto got = read(row.bytes, step);
      EXPECT_TRUE(got.failed) << "step " << step;
      EXPECT_FALSE(got.complete) << "step " << step;
    }
  }
}

TEST(AnswerReader, AnUnfinishedAnswerIsNeverComplete) {
  for (const auto& bytes : {with_length("{}"), chunked("2\r\n{}\r\n0\r\n\r\n")}) {
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_FALSE(read(std::string_view{bytes}.substr(0, size), 4096).complete) << size;
    }
  }
}

/// What ends early, and what is known of it then.
struct unfinished_row {
  std::string name;
  std::string bytes;
  unsigned status;  ///< 0: nothing is known
  std::string body{};
  bool is_cut = false;
};
void PrintTo(const unfinished_row& row, std::ostream* out) { *out << row.name; }

class UnfinishedAnswer : public testing::TestWithParam<unfinished_row> {};

TEST_P(UnfinishedAnswer, IsKnownByItsHeadHoweverItIsCut) {
  const auto& row = GetParam();
  for (std::size_t step = 1; step <= row.bytes.size(); step += 1 + row.bytes.size() / 300) {
    SCOPED_TRACE(step);
    answer_reader reader({.body = 100, .total = 1000});
    std::string_view rest = row.bytes;
    for (bool goes_on = true; goes_on && !rest.empty();) {
      const auto fed = reader.feed(rest.substr(0, step));
      rest.remove_prefix(std::min(step, rest.size()));
      goes_on = fed.has_value();
      if (goes_on) {
        ASSERT_EQ(*fed, progress::need_more);
      }
    }
    const auto known = reader.take_unfinished();
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
    All, UnfinishedAnswer,
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
                    unfinished_row{"200 without its last chunk", chunked("2\r\n{}\r\n"), 0},
                    unfinished_row{"200 of nonsense", chunked("2\r\n{}\r\nzz\r\n"), 0}));

TEST(AnswerThatEndsEarly, KeepsRetryAfterAndTheRestOfItsHead) {
  answer_reader reader;
  ASSERT_TRUE(reader.feed("HTTP/1.1 429 x\r\nRetry-After: 4\r\nConnection: close\r\n\r\nslow\n"));
  const auto known = reader.take_unfinished();
  ASSERT_TRUE(known);
  EXPECT_EQ(known->retry_after, "4");
}

TEST(AnswerThatEndsEarly, IsNothingIfItsHeadWasTooLong) {
  const auto bytes = unavailable + "Retry-After: 1\r\n\r\nsorry";
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    answer_reader reader({.head = 40});
    for (std::size_t at = 0; at < bytes.size() && reader.feed(bytes.substr(at, step)); at += step) {
    }
    EXPECT_FALSE(reader.take_unfinished()) << step;
  }
}

struct excess_row {
  std::string name;
  std::string bytes;
  std::uint64_t size;
  bool is_all;
};
void PrintTo(const excess_row& row, std::ostream* out) { *out << row.name; }

class ExcessiveAnswer : public testing::TestWithParam<excess_row> {};

TEST_P(ExcessiveAnswer, IsRefusedWithItsSizeAndNotKept) {
  const auto& row = GetParam();
  for (std::size_t step = 1; step <= 500; step += 7) {
    SCOPED_TRACE(step);
    answer_reader reader({.body = 100, .total = 1000});
    bool failed = false;
    for (std::size_t at = 0; at < row.bytes.size() && !failed; at += step) {
      const auto fed = reader.feed(std::string_view{row.bytes}.substr(at, step));
      failed = !fed;
      ASSERT_TRUE(failed || *fed == progress::need_more);
    }
    EXPECT_TRUE(failed);
    const auto known = reader.take_unfinished();
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
    All, ExcessiveAnswer,
    testing::Values(
        excess_row{"announced", with_length(std::string(101, 'x')), 101, true},
        excess_row{"announced beyond all limits",
                   std::string{ok_head} + "Content-Length: 18446744073709551615\r\n\r\n{", 18446744073709551615U, true},
        excess_row{"in a chunk", chunked("65\r\n" + std::string(101, 'x') + "\r\n0\r\n\r\n"), 101, true},
        excess_row{"in chunks",
                   chunked("50\r\n" + std::string(80, 'x') + "\r\n50\r\n" + std::string(80, 'x') + "\r\n0\r\n\r\n"),
                   160, true},
        excess_row{"without end",
                   chunked("350\r\n" + std::string(848, 'x') + "\r\n50\r\n" + std::string(80, 'x') + "\r\n50\r\n" +
                           std::string(80, 'x')),
                   1000, false},
        excess_row{"a chunk beyond all limits", chunked("ffffffffffffffff\r\n{"), 1000, false}));

TEST(AnswerReader, StopsAtTheBodyLimitWhateverTheFraming) {
  const answer_limits small{.body = 100};
  EXPECT_TRUE(read(with_length(std::string(101, 'x')), 4096, small).failed);
  EXPECT_TRUE(read(chunked("80\r\n" + std::string(128, 'x') + "\r\n0\r\n\r\n"), 16, small).failed);
  EXPECT_TRUE(read(with_length(std::string(100, 'x')), 4096, small).complete);
}

TEST(AnswerReader, StopsAnEndlessStreamOfTinyChunks) {
  answer_reader reader({.total = 10'000});
  ASSERT_TRUE(reader.feed(chunked("")));
  bool failed = false;
  for (int i = 0; i < 2'000 && !failed; ++i) failed = !reader.feed("1;extension\r\nx\r\n");
  EXPECT_TRUE(failed);
}

TEST(AnswerReader, KnowsTheStatusOnceTheHeadIsComplete) {
  const auto bytes = chunked("2\r\n{}\r\n");
  const auto head = bytes.find("\r\n\r\n") + 4;
  answer_reader reader;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    EXPECT_EQ(reader.so_far().status, i < head ? 0U : 200U) << i;
    ASSERT_TRUE(reader.feed(bytes.substr(i, 1)));
  }
  EXPECT_EQ(reader.so_far().body, "{}");
}

TEST(AnswerReader, KnowsNothingYetAfterAnInterimAnswer) {
  answer_reader reader;
  ASSERT_TRUE(reader.feed("HTTP/1.1 103 Early Hints\r\nRetry-After: 3\r\n\r\n"));
  EXPECT_EQ(reader.so_far().status, 0U);
  EXPECT_EQ(reader.so_far().retry_after, "");
  ASSERT_TRUE(reader.feed(with_length("{}")));
  EXPECT_EQ(reader.so_far().status, 200U);
}

TEST(AnswerReader, HandsOverEachByteOfTheBodyOnce) {
  const auto bytes = chunked("5\r\nhello\r\n6;x=y\r\n world\r\n0\r\n\r\n");
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    answer_reader reader;
    std::string drained;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
      ASSERT_TRUE(reader.feed(std::string_view{bytes}.substr(at, step)));
      drained += reader.drain();
      EXPECT_EQ(reader.drain(), "");
    }
    EXPECT_EQ(drained, "hello world") << step;
    EXPECT_EQ(reader.take().body, "");
  }
}

TEST(AnswerReader, WhatIsDrainedCountsForNoLimit) {
  answer_reader reader({.body = 100, .total = 300}, answer_reader::body::drained);
  ASSERT_TRUE(reader.feed(chunked("")));
  const auto chunk = "5a\r\n" + std::string(90, 'x') + "\r\n";
  for (int i = 0; i < 1'000; ++i) {
    ASSERT_TRUE(reader.feed(chunk)) << i;
    ASSERT_EQ(reader.drain().size(), 90U);
  }
  ASSERT_TRUE(reader.feed(chunk));
  EXPECT_FALSE(reader.feed(chunk)) << "what is not drained does";
}

}  // namespace
}  // namespace sidecar::kube
