#include "sidecar/kube/watch_line_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/beast/http/error.hpp>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "support/recording.hpp"

namespace sidecar::kube {
namespace {

namespace http = boost::beast::http;
using testing::IsEmpty;

constexpr std::string_view chunked_head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
constexpr const char* last_chunk = "0\r\n\r\n";

std::string chunk(const std::string& bytes) {
  std::ostringstream text;
  text << std::hex << bytes.size() << "\r\n" << bytes << "\r\n";
  return text.str();
}

std::string watch_of(const std::string& tail) { return std::string{chunked_head} + tail; }

std::string complete_response(const std::string& body, const std::string& first = "HTTP/1.1 200 OK\r\n") {
  return first + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

/// What came of a response: its lines, and how it ended.
struct read_watch {
  std::vector<std::string> lines{};
  boost::system::error_code problem{};
  bool complete = false;
  bool accepted = false;

  bool operator==(const read_watch&) const = default;
};
void PrintTo(const read_watch& shown, std::ostream* out) {
  *out << testing::PrintToString(shown.lines) << ' ' << shown.problem.message() << ' ' << shown.complete << ' '
       << shown.accepted;
}

read_watch going_on(std::vector<std::string> lines) { return {.lines = std::move(lines), .accepted = true}; }
read_watch ended(std::vector<std::string> lines) {
  return {.lines = std::move(lines), .complete = true, .accepted = true};
}
read_watch failed(std::vector<std::string> lines, http::error problem) {
  return {.lines = std::move(lines), .problem = problem, .accepted = true};
}

/// Feeds `first` bytes, then `step` at a time.
read_watch read_lines(watch_line_reader& reader, std::string_view bytes, std::size_t first, std::size_t step) {
  read_watch made;
  for (auto size = first; !bytes.empty() && !made.problem && !made.complete; size = step) {
    const auto fed = reader.feed(bytes.substr(0, size));
    bytes.remove_prefix(std::min(size, bytes.size()));
    while (const auto line = reader.next_line()) made.lines.emplace_back(*line);
    if (!fed) made.problem = fed.error();
    made.complete = fed && *fed == watch_line_reader::progress::complete;
  }
  made.accepted = reader.is_accepted();
  return made;
}

read_watch read_lines(std::string_view bytes, std::size_t step, response_limits limits = {}) {
  watch_line_reader reader(limits);
  return read_lines(reader, bytes, step, step);
}

struct recorded_row {
  std::string recording;
  std::size_t lines;
  bool complete;
};

TEST(WatchLineReader, ReadsTheLinesOfRecordedWatchesHoweverTheyAreCut) {
  for (const auto& [recording, count, complete] :
       {recorded_row{"watch-added-modified", 6, true}, recorded_row{"watch-deleted", 5, true},
        recorded_row{"watch-ended-by-server-shutdown", 2, false},
        recorded_row{"watch-expired-resource-version", 6, true}, recorded_row{"watch-gone-410-event", 1, true},
        recorded_row{"watch-initial-events-bookmark", 2, true}}) {
    SCOPED_TRACE(recording);
    const auto bytes = test::test_data("recordings/" + recording + ".http");
    std::string lines;
    const auto whole = read_lines(bytes, bytes.size());
    for (const auto& line : whole.lines) lines += line + '\n';
    EXPECT_EQ(lines, test::recorded_body(recording));
    EXPECT_EQ(whole.lines.size(), count);
    EXPECT_EQ(whole.complete, complete);
    EXPECT_TRUE(whole.accepted);
    for (const std::size_t step : {1U, 2U, 3U, 7U, 64U, 997U, 4096U}) EXPECT_EQ(read_lines(bytes, step), whole) << step;
    for (std::size_t first = 1; first < bytes.size(); ++first) {
      watch_line_reader reader;
      ASSERT_EQ(read_lines(reader, bytes, first, bytes.size()), whole) << first;
    }
  }
}

TEST(WatchLineReader, ReadsTheLinesThatWereSentHoweverTheyAreCut) {
  const std::pair<std::string, read_watch> rows[] = {
      {std::string{chunked_head}, going_on({})},
      {watch_of(chunk("{a}\n{b}\n")), going_on({"{a}", "{b}"})},
      {watch_of(chunk("{") + chunk("a") + chunk("}") + chunk("\n")), going_on({"{a}"})},
      {watch_of(chunk("{a}\n{") + chunk("b}\n{c") + chunk("}\n")), going_on({"{a}", "{b}", "{c}"})},
      {watch_of(chunk("\n\n{a}\n\n\n") + chunk("\n{b}\n") + last_chunk), ended({"{a}", "{b}"})},
      {watch_of(last_chunk), ended({})},
      {watch_of("4;a=\"b\"\r\n{a}\n\r\n0\r\nX-Trailer: 1\r\n\r\n"), ended({"{a}"})},
      {watch_of(chunk("{a}\n") + "0\r\nContent-Encoding: gzip\r\n\r\n"), ended({"{a}"})},
      {watch_of(chunk("{a}\n{b")), going_on({"{a}"})},
      {watch_of(chunk("{a}\n{b") + last_chunk), failed({"{a}"}, http::error::partial_message)},
      {watch_of(chunk("{a}\n") + chunk("{b}\n{c") + "zz\r\n"), failed({"{a}", "{b}"}, http::error::bad_chunk)},
      {watch_of("4 \r\n{a}\n\r\n000004   \r\n{b}\n\r\n0  \r\n\r\n"), ended({"{a}", "{b}"})},
      {watch_of(chunk("{a}\n") + last_chunk) + chunk("{b}\n"), ended({"{a}"})},
      {complete_response("{a}\n{b}\n"), ended({"{a}", "{b}"})},
      {complete_response("{a}\n{b}"), failed({"{a}"}, http::error::partial_message)},
      {complete_response("{a}\n", "HTTP/1.0 200 OK\r\n"), ended({"{a}"})},
      {complete_response("{a}\n", "HTTP/1.1 200 OK\r\nContent-Encoding: Identity\r\n"), ended({"{a}"})}};
  for (const auto& [bytes, expected] : rows) {
    for (std::size_t step = 1; step <= bytes.size(); ++step) {
      EXPECT_EQ(read_lines(bytes, step), expected) << bytes << step;
    }
  }
}

TEST(WatchLineReader, AcceptsNoWatchThatIsNoneNorALengthBeyondTheLimit) {
  for (const auto& bytes :
       {std::string{"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{a}\n"}, std::string{"HTTP/1.0 200 OK\r\n\r\n{a}\n"},
        complete_response("{a}\n", "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"),
        "HTTP/1.1 101 Switching Protocols\r\n\r\n" + watch_of(chunk("{a}\n")), std::string{"SSH-2.0-x\r\n\r\n"}}) {
    for (std::size_t step = 1; step <= bytes.size(); ++step) {
      const auto got = read_lines(bytes, step);
      EXPECT_TRUE(got.problem) << bytes << step;
      EXPECT_FALSE(got.accepted) << bytes << step;
      EXPECT_THAT(got.lines, IsEmpty()) << bytes << step;
    }
  }
  const std::string too_long{"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n{a}\n"};
  EXPECT_EQ(read_lines(too_long, too_long.size()).problem, http::error::body_limit);
  EXPECT_THAT(read_lines(too_long, too_long.size()).lines, IsEmpty());
}

TEST(WatchLineReader, IsAcceptedWhenItsHeadIsCompleteUnlessItIsBeyondItsLimit) {
  watch_line_reader reader;
  for (const char byte : chunked_head) {
    EXPECT_FALSE(reader.is_accepted());
    ASSERT_TRUE(reader.feed({&byte, 1}));
  }
  EXPECT_TRUE(reader.is_accepted());
  const auto bytes = watch_of(chunk("{a}\n"));
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    EXPECT_EQ(read_lines(bytes, step, {.head = chunked_head.size()}), going_on({"{a}"}));
    const auto refused = read_lines(bytes, step, {.head = chunked_head.size() - 1});
    EXPECT_EQ(refused, (read_watch{.problem = refused.problem})) << step;
    EXPECT_TRUE(refused.problem);
  }
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

TEST(WatchLineReader, HasNoLimitForAllLinesTogetherButForAChunkExtension) {
  watch_line_reader reader({.head = 200, .body = 100, .total = 400});
  ASSERT_TRUE(reader.feed(chunked_head));
  for (int i = 0; i < 1'000; ++i) {
    ASSERT_TRUE(reader.feed("1;extension\r\n\n\r\n" + chunk(std::string(90, 'x') + "\n"))) << i;
    ASSERT_EQ(reader.next_line(), std::string(90, 'x'));
    ASSERT_EQ(reader.next_line(), std::nullopt);
  }
  bool refused = !reader.feed("1;");
  for (int i = 0; i < 1'000 && !refused; ++i) refused = !reader.feed("xxxx");
  EXPECT_TRUE(refused);
}

TEST(RefusedWatch, IsOneResponseWhateverItsBodyAndItsFraming) {
  const std::pair<std::string, std::string> rows[] = {{"403 x\r\n", "{\"type\":\"ADDED\"}\n"},
                                                      {"429 x\r\nRetry-After: 1\r\n", "Too many requests\n"},
                                                      {"500 x\r\n", "\n\n"},
                                                      {"503 x\r\nContent-Encoding: gzip\r\n", "\x1f\x8b"},
                                                      {"201 x\r\n", "{\"type\":\"ADDED\"}\n"}};
  for (const auto& [first, body] : rows) {
    const auto head = "HTTP/1.1 " + first;
    for (const auto& bytes :
         {complete_response(body, head), head + "Transfer-Encoding: chunked\r\n\r\n" + chunk(body) + last_chunk,
          "HTTP/1.0 " + first + "\r\n" + body}) {
      for (std::size_t step = 1; step <= bytes.size(); ++step) {
        SCOPED_TRACE(bytes + std::to_string(step));
        watch_line_reader reader;
        const auto got = read_lines(reader, bytes, step, step);
        EXPECT_EQ(got, read_watch{.complete = bytes.starts_with(head)});
        EXPECT_EQ(std::to_string(reader.refusal_so_far().status), first.substr(0, 3));
        const auto refusal = got.complete ? reader.take() : reader.take_unfinished().value();
        EXPECT_EQ(refusal.body, body);
        EXPECT_EQ(refusal.retry_after, first.starts_with("429") ? "1" : "");
      }
    }
  }
}

TEST(RefusedWatch, IsNothingOfAWatchThatBreaksOff) {
  for (const auto& bytes : {watch_of(chunk("{a}\n")), watch_of("zz\r\n"), std::string{"HTTP/1.0 200 OK\r\n\r\n{a}\n"},
                            complete_response("{a}\n").substr(0, 40)}) {
    watch_line_reader reader;
    [[maybe_unused]] const auto fed = reader.feed(bytes);
    EXPECT_FALSE(reader.take_unfinished()) << bytes;
  }
}

TEST(RefusedWatch, IsReadFromRecordings) {
  for (const auto& [name, status] :
       {std::pair{"too-many-requests-429", 429U}, std::pair{"watch-not-a-version", 500U}}) {
    const auto bytes = test::test_data("recordings/" + std::string{name} + ".http");
    watch_line_reader reader;
    ASSERT_TRUE(read_lines(reader, bytes, 1, 1).complete);
    const auto refusal = reader.take();
    EXPECT_EQ(refusal.status, status);
    EXPECT_EQ(refusal.body, test::recorded_body(name));
  }
}

TEST(RefusedWatch, IsBoundedAsAnyResponseIs) {
  const response_limits small{.body = 100, .total = 300};
  const std::string head = "HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n";
  std::string tiny = head;
  for (int i = 0; i < 60; ++i) tiny += "1;ext\r\nx\r\n";
  for (const auto& bytes : {head + chunk(std::string(101, 'x')), tiny}) {
    EXPECT_EQ(read_lines(bytes, 7, small).problem, http::error::body_limit);
  }
}

}  // namespace
}  // namespace sidecar::kube
