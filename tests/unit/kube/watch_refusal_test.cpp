#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/beast/http/error.hpp>
#include <ostream>
#include <string>

#include "support/recording.hpp"
#include "unit/kube/watch_bytes.hpp"

/// Responses to a watch that are none.
namespace sidecar::kube {
namespace {

namespace http = boost::beast::http;
using boost::system::error_code;
using testing::IsEmpty;

struct status_row {
  unsigned status;
  std::string fields;
  std::string body;
};
void PrintTo(const status_row& row, std::ostream* out) { *out << row.status; }

class RefusedWatch : public testing::TestWithParam<status_row> {};

TEST_P(RefusedWatch, IsOneResponseWhateverItsBody) {
  const auto& row = GetParam();
  const auto first = "HTTP/1.1 " + std::to_string(row.status) + " x\r\n" + row.fields;
  for (const auto& bytes : {complete_response(row.body, first),
                            first + "Transfer-Encoding: chunked\r\n\r\n" + chunk(row.body) + std::string{last_chunk}}) {
    for (std::size_t step = 1; step <= bytes.size(); ++step) {
      const auto got = read_lines(bytes, step);
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
    watch_line_reader reader;
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
                            complete_response("{a}\n").substr(0, 40)}) {
    watch_line_reader reader;
    [[maybe_unused]] const auto fed = reader.feed(bytes);
    EXPECT_FALSE(reader.take_unfinished()) << bytes;
  }
}

TEST(RefusedWatch, KeepsRetryAfter) {
  const auto bytes = test::test_data("recordings/too-many-requests-429.http");
  for (const std::size_t step : {std::size_t{1}, bytes.size()}) {
    const auto got = read_lines(bytes, step);
    ASSERT_TRUE(got.complete);
    EXPECT_EQ(got.refusal.retry_after, "2");
  }
}

TEST(RefusedWatch, AVersionThatIsNoNumberIsARecordedOne) {
  const auto got = read_lines(test::test_data("recordings/watch-not-a-version.http"), 1);
  ASSERT_TRUE(got.complete);
  EXPECT_EQ(got.refusal.status, 500U);
  EXPECT_EQ(got.refusal.body, test::recorded_body("watch-not-a-version"));
}

TEST(RefusedWatch, IsBoundedAsAnyResponseIs) {
  const response_limits small{.body = 100, .total = 300};
  const std::string head = "HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(read_lines(head + chunk(std::string(101, 'x')), 7, small).problem, http::error::body_limit);
  std::string tiny = head;
  for (int i = 0; i < 60; ++i) tiny += "1;ext\r\nx\r\n";
  EXPECT_EQ(read_lines(tiny, 7, small).problem, http::error::body_limit);
}

}  // namespace
}  // namespace sidecar::kube
