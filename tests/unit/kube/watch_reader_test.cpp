#include "sidecar/kube/watch_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/beast/http/error.hpp>
#include <ostream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "support/recording.hpp"

namespace sidecar::kube {
namespace {

namespace http = boost::beast::http;
using boost::system::error_code;
using progress = watch_reader::progress;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view chunked_head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
constexpr std::string_view last_chunk = "0\r\n\r\n";

std::string chunk(const std::string& bytes) {
  std::ostringstream text;
  text << std::hex << bytes.size() << "\r\n" << bytes << "\r\n";
  return text.str();
}

std::string watch_of(const std::string& tail) { return std::string{chunked_head} + tail; }

std::string with_length(const std::string& body, const std::string& first = "HTTP/1.1 200 OK\r\n") {
  return first + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// What came of an answer: its lines, and how it ended.
struct outcome {
  std::vector<std::string> lines{};
  error_code problem{};
  bool complete = false;
  bool accepted = false;
  api_answer refusal{};

  bool operator==(const outcome& other) const {
    return lines == other.lines && problem == other.problem && complete == other.complete && accepted == other.accepted;
  }
};

outcome read(std::string_view bytes, std::size_t step, answer_limits limits = {}) {
  watch_reader reader(limits);
  outcome made;
  while (!bytes.empty() && !made.problem && !made.complete) {
    const auto fed = reader.feed(bytes.substr(0, step));
    bytes.remove_prefix(std::min(step, bytes.size()));
    while (const auto line = reader.next_line()) made.lines.emplace_back(*line);
    if (!fed) made.problem = fed.error();
    made.complete = fed && *fed == progress::complete;
  }
  made.accepted = reader.is_accepted();
  if (made.complete && !made.accepted) made.refusal = reader.take();
  return made;
}

outcome read(std::string_view bytes) { return read(bytes, bytes.size()); }

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
  const auto whole = read(bytes);
  for (const auto& line : whole.lines) lines += line + '\n';
  EXPECT_EQ(lines, test::recorded_body(GetParam().recording));
  EXPECT_EQ(whole.lines.size(), GetParam().lines);
  EXPECT_EQ(whole.complete, GetParam().complete);
  EXPECT_TRUE(whole.accepted);
  for (const std::size_t step : {1U, 2U, 3U, 7U, 64U, 997U, 4096U}) EXPECT_EQ(read(bytes, step), whole) << step;
}

TEST_P(RecordedWatchBytes, AreTheSameLinesInAnyTwoPieces) {
  const auto bytes = test::test_data("recordings/" + std::string{GetParam().recording} + ".http");
  const auto whole = read(bytes);
  for (std::size_t first = 1; first < bytes.size(); ++first) {
    watch_reader reader;
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
  outcome expected;
};
void PrintTo(const lines_row& row, std::ostream* out) { *out << row.name; }

class WatchBytes : public testing::TestWithParam<lines_row> {};

TEST_P(WatchBytes, AreTheLinesThatWereSentHoweverTheyAreCut) {
  const auto& row = GetParam();
  for (std::size_t step = 1; step <= row.bytes.size(); ++step) {
    const auto got = read(row.bytes, step);
    EXPECT_EQ(got.lines, row.expected.lines) << step;
    EXPECT_EQ(got.problem, row.expected.problem) << step << ": " << got.problem.message();
    EXPECT_EQ(got.complete, row.expected.complete) << step;
    EXPECT_EQ(got.accepted, row.expected.accepted) << step;
  }
}

outcome going_on(std::vector<std::string> lines) { return {.lines = std::move(lines), .accepted = true}; }
outcome ended(std::vector<std::string> lines) {
  return {.lines = std::move(lines), .complete = true, .accepted = true};
}
outcome failed(std::vector<std::string> lines, http::error problem) {
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
        lines_row{"length", with_length("{a}\n{b}\n"), ended({"{a}", "{b}"})},
        lines_row{"length of nothing", with_length(""), ended({})},
        lines_row{"length within a line", with_length("{a}\n{b}"), failed({"{a}"}, http::error::partial_message)},
        lines_row{"length of HTTP/1.0", with_length("{a}\n", "HTTP/1.0 200 OK\r\n"), ended({"{a}"})},
        lines_row{"interim answers",
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

TEST(WatchReader, WhatFollowsTheLastChunkIsNobodysEvent) {
  const auto got = read(watch_of(chunk("{a}\n") + std::string{last_chunk} + chunk("{b}\n")));
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
    const auto got = read(GetParam().bytes, step);
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

TEST(WatchReader, RefusesALengthBeyondTheLimit) {
  const std::string bytes{"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n{a}\n"};
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    EXPECT_EQ(read(bytes, step).problem, http::error::body_limit) << step;
    EXPECT_THAT(read(bytes, step).lines, IsEmpty()) << step;
  }
}

struct status_row {
  unsigned status;
  std::string fields;
  std::string body;
};
void PrintTo(const status_row& row, std::ostream* out) { *out << row.status; }

class RefusedWatch : public testing::TestWithParam<status_row> {};

TEST_P(RefusedWatch, IsOneAnswerWhateverItsBody) {
  const auto& row = GetParam();
  const auto first = "HTTP/1.1 " + std::to_string(row.status) + " x\r\n" + row.fields;
  for (const auto& bytes : {with_length(row.body, first),
                            first + "Transfer-Encoding: chunked\r\n\r\n" + chunk(row.body) + std::string{last_chunk}}) {
    for (std::size_t step = 1; step <= bytes.size(); ++step) {
      const auto got = read(bytes, step);
      ASSERT_TRUE(got.complete) << step;
      EXPECT_FALSE(got.accepted);
      EXPECT_THAT(got.lines, IsEmpty()) << "a refusal's body is no event";
      EXPECT_EQ(got.refusal.status, row.status);
      EXPECT_EQ(got.refusal.body, row.body);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, RefusedWatch,
                         testing::Values(status_row{401, "", "{\"kind\":\"Status\"}\n"},
                                         status_row{403, "", "{\"type\":\"ADDED\"}\n"},
                                         status_row{410, "", "{\"reason\":\"Expired\"}\n"},
                                         status_row{429, "Retry-After: 1\r\n", "Too many requests\n"},
                                         status_row{500, "", "\n\n"},
                                         status_row{503, "Content-Encoding: gzip\r\n", "\x1f\x8b"},
                                         status_row{201, "", "{\"type\":\"ADDED\"}\n"}));

TEST(RefusedWatch, IsKnownByItsHeadThoughItEndsWithItsConnection) {
  const auto bytes = std::string{"HTTP/1.0 429 x\r\nRetry-After: 3\r\n\r\nslow\n"};
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    watch_reader reader;
    for (std::size_t at = 0; at < bytes.size(); at += step) ASSERT_TRUE(reader.feed(bytes.substr(at, step)));
    EXPECT_EQ(reader.refusal_so_far().status, 429U);
    EXPECT_FALSE(reader.is_accepted());
    const auto refusal = reader.take_unfinished();
    ASSERT_TRUE(refusal);
    EXPECT_EQ(refusal->status, 429U);
    EXPECT_EQ(refusal->retry_after, "3");
    EXPECT_EQ(refusal->body, "slow\n");
  }
}

TEST(RefusedWatch, IsNothingOfAWatchThatBreaksOff) {
  for (const auto& bytes : {watch_of(chunk("{a}\n")), watch_of("zz\r\n"), std::string{"HTTP/1.0 200 OK\r\n\r\n{a}\n"},
                            with_length("{a}\n").substr(0, 40)}) {
    watch_reader reader;
    [[maybe_unused]] const auto fed = reader.feed(bytes);
    EXPECT_FALSE(reader.take_unfinished()) << bytes;
  }
}

TEST(RefusedWatch, KeepsRetryAfter) {
  const auto bytes = test::test_data("recordings/too-many-requests-429.http");
  for (const std::size_t step : {std::size_t{1}, bytes.size()}) {
    const auto got = read(bytes, step);
    ASSERT_TRUE(got.complete);
    EXPECT_EQ(got.refusal.retry_after, "2");
  }
}

TEST(RefusedWatch, AVersionThatIsNoNumberIsARecordedOne) {
  const auto got = read(test::test_data("recordings/watch-not-a-version.http"), 1);
  ASSERT_TRUE(got.complete);
  EXPECT_EQ(got.refusal.status, 500U);
  EXPECT_EQ(got.refusal.body, test::recorded_body("watch-not-a-version"));
}

TEST(RefusedWatch, IsBoundedAsAnyAnswerIs) {
  const answer_limits small{.body = 100, .total = 300};
  const std::string head = "HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(read(head + chunk(std::string(101, 'x')), 7, small).problem, http::error::body_limit);
  std::string tiny = head;
  for (int i = 0; i < 60; ++i) tiny += "1;ext\r\nx\r\n";
  EXPECT_EQ(read(tiny, 7, small).problem, http::error::body_limit);
}

TEST(WatchReader, IsNotAcceptedBeforeItsHeadIsComplete) {
  watch_reader reader;
  for (const char byte : chunked_head) {
    EXPECT_FALSE(reader.is_accepted());
    ASSERT_TRUE(reader.feed({&byte, 1}));
  }
  EXPECT_TRUE(reader.is_accepted());
}

TEST(WatchReader, LimitsALineToTheByteHoweverItIsCut) {
  const answer_limits small{.body = 100};
  const std::string longest(100, 'x');
  const auto good = watch_of(chunk("{a}\n" + longest + "\n{b}\n"));
  const auto bad = watch_of(chunk("{a}\n" + longest + "x\n{b}\n"));
  const auto endless = watch_of(chunk("{a}\n" + longest + "x"));
  for (std::size_t step = 1; step <= 100; ++step) {
    SCOPED_TRACE(step);
    EXPECT_EQ(read(good, step, small), going_on({"{a}", longest, "{b}"}));
    EXPECT_EQ(read(bad, step, small), failed({"{a}"}, http::error::body_limit));
    EXPECT_EQ(read(endless, step, small), failed({"{a}"}, http::error::body_limit));
  }
}

TEST(WatchReader, TakesNoEventsThatComeWithAHeadBeyondItsLimit) {
  const auto bytes = watch_of(chunk("{a}\n"));
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    SCOPED_TRACE(step);
    EXPECT_EQ(read(bytes, step, {.head = chunked_head.size()}), going_on({"{a}"}));
    const auto refused = read(bytes, step, {.head = chunked_head.size() - 1});
    EXPECT_TRUE(refused.problem);
    EXPECT_FALSE(refused.accepted);
    EXPECT_THAT(refused.lines, IsEmpty());
  }
}

TEST(WatchReader, HasNoLimitForAllLinesTogether) {
  const answer_limits small{.head = 200, .body = 100, .total = 400};
  watch_reader reader(small);
  ASSERT_TRUE(reader.feed(chunked_head));
  const auto event = chunk(std::string(90, 'x') + "\n");
  for (int i = 0; i < 1'000; ++i) {
    ASSERT_TRUE(reader.feed(event)) << i;
    ASSERT_EQ(reader.next_line(), std::string(90, 'x'));
    ASSERT_EQ(reader.next_line(), std::nullopt);
  }
}

TEST(WatchReader, TakesTinyChunksForAsLongAsTheyCome) {
  watch_reader reader({.head = 200, .body = 100, .total = 400});
  ASSERT_TRUE(reader.feed(chunked_head));
  for (int i = 0; i < 1'000; ++i) ASSERT_TRUE(reader.feed("1;extension\r\n\n\r\n")) << i;
  EXPECT_EQ(reader.next_line(), std::nullopt);
}

TEST(WatchReader, StopsAChunkExtensionWithoutEnd) {
  watch_reader reader({.head = 200, .body = 100, .total = 400});
  ASSERT_TRUE(reader.feed(watch_of(chunk("{a}\n") + "1;")));
  bool refused = false;
  for (int i = 0; i < 1'000 && !refused; ++i) refused = !reader.feed("xxxx");
  EXPECT_TRUE(refused);
}

}  // namespace
}  // namespace sidecar::kube
