#include "sidecar/kube/watch_line_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/beast/http/error.hpp>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "support/recording.hpp"
#include "unit/kube/watch_bytes.hpp"

namespace sidecar::kube {
namespace {

namespace http = boost::beast::http;
using boost::system::error_code;
using progress = watch_line_reader::progress;
using testing::ElementsAre;
using testing::IsEmpty;

struct recorded_row {
  const char* recording;
  std::size_t lines;
  bool complete;
};
void PrintTo(const recorded_row& row, std::ostream* out) { *out << row.recording; }

class RecordedWatchBytes : public testing::TestWithParam<recorded_row> {};

TEST_P(RecordedWatchBytes, AreTheSameLinesHoweverTheyAreCut) {
  const auto bytes = test::test_data("recordings/" + std::string{GetParam().recording} + ".http");
  std::string lines;
  const auto whole = read_lines(bytes);
  for (const auto& line : whole.lines) lines += line + '\n';
  EXPECT_EQ(lines, test::recorded_body(GetParam().recording));
  EXPECT_EQ(whole.lines.size(), GetParam().lines);
  EXPECT_EQ(whole.complete, GetParam().complete);
  EXPECT_TRUE(whole.accepted);
  for (const std::size_t step : {1U, 2U, 3U, 7U, 64U, 997U, 4096U}) EXPECT_EQ(read_lines(bytes, step), whole) << step;
}

TEST_P(RecordedWatchBytes, AreTheSameLinesInAnyTwoPieces) {
  const auto bytes = test::test_data("recordings/" + std::string{GetParam().recording} + ".http");
  const auto whole = read_lines(bytes);
  for (std::size_t first = 1; first < bytes.size(); ++first) {
    watch_line_reader reader;
    std::vector<std::string> lines;
    for (const auto piece : {std::string_view{bytes}.substr(0, first), std::string_view{bytes}.substr(first)}) {
      ASSERT_TRUE(reader.feed(piece)) << first;
      while (const auto line = reader.next_line()) lines.emplace_back(*line);
    }
    ASSERT_EQ(lines, whole.lines) << first;
  }
}

INSTANTIATE_TEST_SUITE_P(All, RecordedWatchBytes,
                         testing::Values(recorded_row{"watch-added-modified", 6, true},
                                         recorded_row{"watch-deleted", 5, true},
                                         recorded_row{"watch-ended-by-server-shutdown", 2, false},
                                         recorded_row{"watch-expired-resource-version", 6, true},
                                         recorded_row{"watch-gone-410-event", 1, true},
                                         recorded_row{"watch-initial-events-bookmark", 2, true}));

struct lines_row {
  std::string name;
  std::string bytes;
  read_watch expected;
};
void PrintTo(const lines_row& row, std::ostream* out) { *out << row.name; }

class WatchBytes : public testing::TestWithParam<lines_row> {};

TEST_P(WatchBytes, AreTheLinesThatWereSentHoweverTheyAreCut) {
  const auto& row = GetParam();
  for (std::size_t step = 1; step <= row.bytes.size(); ++step) {
    const auto got = read_lines(row.bytes, step);
    EXPECT_EQ(got.lines, row.expected.lines) << step;
    EXPECT_EQ(got.problem, row.expected.problem) << step << ": " << got.problem.message();
    EXPECT_EQ(got.complete, row.expected.complete) << step;
    EXPECT_EQ(got.accepted, row.expected.accepted) << step;
  }
}

read_watch going_on(std::vector<std::string> lines) { return {.lines = std::move(lines), .accepted = true}; }
read_watch ended(std::vector<std::string> lines) {
  return {.lines = std::move(lines), .complete = true, .accepted = true};
}
read_watch failed(std::vector<std::string> lines, http::error problem) {
  return {.lines = std::move(lines), .problem = problem, .accepted = true};
}

INSTANTIATE_TEST_SUITE_P(
    All, WatchBytes,
    testing::Values(
        lines_row{"head alone", std::string{chunked_head}, going_on({})},
        lines_row{"two events in a chunk", watch_of(chunk("{a}\n{b}\n")), going_on({"{a}", "{b}"})},
        lines_row{"an event over many chunks", watch_of(chunk("{") + chunk("a") + chunk("}") + chunk("\n")),
                  going_on({"{a}"})},
        lines_row{"chunks across lines", watch_of(chunk("{a}\n{") + chunk("b}\n{c") + chunk("}\n")),
                  going_on({"{a}", "{b}", "{c}"})},
        lines_row{"empty lines", watch_of(chunk("\n\n{a}\n\n\n") + chunk("\n{b}\n") + std::string{last_chunk}),
                  ended({"{a}", "{b}"})},
        lines_row{"no event", watch_of(std::string{last_chunk}), ended({})},
        lines_row{"chunk extensions and trailers", watch_of("4;a=\"b\"\r\n{a}\n\r\n0\r\nX-Trailer: 1\r\n\r\n"),
                  ended({"{a}"})},
        lines_row{"a trailer that would change the encoding",
                  watch_of(chunk("{a}\n") + "0\r\nContent-Encoding: gzip\r\n\r\n"), ended({"{a}"})},
        lines_row{"half a line, going on", watch_of(chunk("{a}\n{b")), going_on({"{a}"})},
        lines_row{"half a line, then the end", watch_of(chunk("{a}\n{b") + std::string{last_chunk}),
                  failed({"{a}"}, http::error::partial_message)},
        lines_row{"nonsense after an event", watch_of(chunk("{a}\n") + chunk("{b}\n{c") + "zz\r\n"),
                  failed({"{a}", "{b}"}, http::error::bad_chunk)},
        lines_row{"length", complete_response("{a}\n{b}\n"), ended({"{a}", "{b}"})},
        lines_row{"length of nothing", complete_response(""), ended({})},
        lines_row{"length within a line", complete_response("{a}\n{b}"), failed({"{a}"}, http::error::partial_message)},
        lines_row{"length of HTTP/1.0", complete_response("{a}\n", "HTTP/1.0 200 OK\r\n"), ended({"{a}"})},
        lines_row{"interim responses",
                  "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 x\r\nLink: y\r\n\r\n" + watch_of(chunk("{a}\n")),
                  going_on({"{a}"})},
        lines_row{
            "said to be identity",
            "HTTP/1.1 200 OK\r\nContent-Encoding: Identity\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("{a}\n"),
            going_on({"{a}"})},
        lines_row{"no phrase", "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("{a}\n"),
                  going_on({"{a}"})},
        lines_row{"blanks after sizes", watch_of("4 \r\n{a}\n\r\n000004   \r\n{b}\n\r\n0  \r\n\r\n"),
                  ended({"{a}", "{b}"})}));

TEST(WatchLineReader, WhatFollowsTheLastChunkIsNobodysEvent) {
  const auto got = read_lines(watch_of(chunk("{a}\n") + std::string{last_chunk} + chunk("{b}\n")));
  EXPECT_THAT(got.lines, ElementsAre("{a}"));
  EXPECT_TRUE(got.complete);
}

struct refused_row {
  std::string name;
  std::string bytes;
};
void PrintTo(const refused_row& row, std::ostream* out) { *out << row.name; }

class NoWatch : public testing::TestWithParam<refused_row> {};

TEST_P(NoWatch, IsAnErrorAndNotAccepted) {
  for (std::size_t step = 1; step <= GetParam().bytes.size(); ++step) {
    const auto got = read_lines(GetParam().bytes, step);
    EXPECT_TRUE(got.problem) << step;
    EXPECT_FALSE(got.accepted) << step;
    EXPECT_THAT(got.lines, IsEmpty()) << step;
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, NoWatch,
    testing::Values(
        refused_row{"until the connection's end", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{a}\n"},
        refused_row{"HTTP 1.0 without length", "HTTP/1.0 200 OK\r\n\r\n{a}\n"},
        refused_row{"compressed",
                    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("{a}\n")},
        refused_row{"length and chunks",
                    "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk("{a}\n")},
        refused_row{"switching protocols", "HTTP/1.1 101 Switching Protocols\r\n\r\n" + watch_of(chunk("{a}\n"))},
        refused_row{"another protocol", "SSH-2.0-x\r\n\r\n"}));

TEST(WatchLineReader, RefusesALengthBeyondTheLimit) {
  const std::string bytes{"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n{a}\n"};
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    EXPECT_EQ(read_lines(bytes, step).problem, http::error::body_limit) << step;
    EXPECT_THAT(read_lines(bytes, step).lines, IsEmpty()) << step;
  }
}

TEST(WatchLineReader, IsNotAcceptedBeforeItsHeadIsComplete) {
  watch_line_reader reader;
  for (const char byte : chunked_head) {
    EXPECT_FALSE(reader.is_accepted());
    ASSERT_TRUE(reader.feed({&byte, 1}));
  }
  EXPECT_TRUE(reader.is_accepted());
}

TEST(WatchLineReader, LimitsALineToTheByteHoweverItIsCut) {
  const response_limits small{.body = 100};
  const std::string longest(100, 'x');
  const auto good = watch_of(chunk("{a}\n" + longest + "\n{b}\n"));
  const auto bad = watch_of(chunk("{a}\n" + longest + "x\n{b}\n"));
  const auto endless = watch_of(chunk("{a}\n" + longest + "x"));
  for (std::size_t step = 1; step <= 100; ++step) {
    SCOPED_TRACE(step);
    EXPECT_EQ(read_lines(good, step, small), going_on({"{a}", longest, "{b}"}));
    EXPECT_EQ(read_lines(bad, step, small), failed({"{a}"}, http::error::body_limit));
    EXPECT_EQ(read_lines(endless, step, small), failed({"{a}"}, http::error::body_limit));
  }
}

TEST(WatchLineReader, TakesNoEventsThatComeWithAHeadBeyondItsLimit) {
  const auto bytes = watch_of(chunk("{a}\n"));
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    SCOPED_TRACE(step);
    EXPECT_EQ(read_lines(bytes, step, {.head = chunked_head.size()}), going_on({"{a}"}));
    const auto refused = read_lines(bytes, step, {.head = chunked_head.size() - 1});
    EXPECT_TRUE(refused.problem);
    EXPECT_FALSE(refused.accepted);
    EXPECT_THAT(refused.lines, IsEmpty());
  }
}

TEST(WatchLineReader, HasNoLimitForAllLinesTogether) {
  const response_limits small{.head = 200, .body = 100, .total = 400};
  watch_line_reader reader(small);
  ASSERT_TRUE(reader.feed(chunked_head));
  const auto event = chunk(std::string(90, 'x') + "\n");
  for (int i = 0; i < 1'000; ++i) {
    ASSERT_TRUE(reader.feed(event)) << i;
    ASSERT_EQ(reader.next_line(), std::string(90, 'x'));
    ASSERT_EQ(reader.next_line(), std::nullopt);
  }
}

TEST(WatchLineReader, TakesTinyChunksForAsLongAsTheyCome) {
  watch_line_reader reader({.head = 200, .body = 100, .total = 400});
  ASSERT_TRUE(reader.feed(chunked_head));
  for (int i = 0; i < 1'000; ++i) ASSERT_TRUE(reader.feed("1;extension\r\n\n\r\n")) << i;
  EXPECT_EQ(reader.next_line(), std::nullopt);
}

TEST(WatchLineReader, StopsAChunkExtensionWithoutEnd) {
  watch_line_reader reader({.head = 200, .body = 100, .total = 400});
  ASSERT_TRUE(reader.feed(watch_of(chunk("{a}\n") + "1;")));
  bool refused = false;
  for (int i = 0; i < 1'000 && !refused; ++i) refused = !reader.feed("xxxx");
  EXPECT_TRUE(refused);
}

}  // namespace
}  // namespace sidecar::kube
