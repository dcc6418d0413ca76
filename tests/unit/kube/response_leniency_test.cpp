#include "sidecar/kube/response_leniency.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace sidecar::kube {
namespace {

struct head_row {
  std::string head;
  std::size_t at;
};
void PrintTo(const head_row& row, std::ostream* out) { *out << testing::PrintToString(row.head); }

class StatusLine : public testing::TestWithParam<head_row> {};

TEST_P(StatusLine, LacksABlankWhereItEndsWithItsStatus) { EXPECT_EQ(missing_blank(GetParam().head), GetParam().at); }

INSTANTIATE_TEST_SUITE_P(All, StatusLine,
                         testing::Values(head_row{"HTTP/1.1 200\r\n", 12}, head_row{"HTTP/1.0 503\r", 12},
                                         head_row{"HTTP/1.1 429\r\nRetry-After: 1\r\n\r\n", 12},
                                         head_row{"HTTP/1.1 200 \r\n", 0}, head_row{"HTTP/1.1 200 OK\r\n", 0},
                                         head_row{"HTTP/1.1 2000\r\n", 0}, head_row{"HTTP/1.1 20\r\n", 0},
                                         head_row{"HTTP/1.1 200\n", 0}, head_row{"HTTP/1.1 200", 0},
                                         head_row{"http/1.1 200\r\n", 0}, head_row{"HTTP/11 2000\r\n", 0},
                                         head_row{"ICY 200\r\nicy-br: 128\r\n", 0}, head_row{"", 0}));

struct line_row {
  std::string bytes;
  std::size_t begin;
  std::size_t size;
  bool is_open = false;
};
void PrintTo(const line_row& row, std::ostream* out) { *out << testing::PrintToString(row.bytes); }

class ChunkLine : public testing::TestWithParam<line_row> {};

TEST_P(ChunkLine, HasItsBlanksFound) {
  const auto found = find_chunk_blanks(GetParam().bytes);
  EXPECT_EQ(found.size, GetParam().size);
  if (found.size > 0) {
    EXPECT_EQ(found.begin, GetParam().begin);
  }
  EXPECT_EQ(found.is_open, GetParam().is_open);
}

INSTANTIATE_TEST_SUITE_P(All, ChunkLine,
                         testing::Values(line_row{"5  \r\nhello", 1, 2}, line_row{"5\t \r\n", 1, 2},
                                         line_row{"\r\n1f \r\n", 4, 1}, line_row{"0   \r\n\r\n", 1, 3},
                                         line_row{"5;a=b \r\n", 5, 1}, line_row{"5 ;a=b\r\n", 0, 0},
                                         line_row{"5\r\nh \r\n", 0, 0}, line_row{"\r\n5\r\nh \r\n", 0, 0},
                                         line_row{"5 ", 0, 0, true}, line_row{"\r\n5 \r", 0, 0, true},
                                         line_row{"5", 0, 0}, line_row{"5\r", 0, 0}, line_row{"\r\n5", 0, 0},
                                         line_row{" \r\n", 0, 0}, line_row{"\r\n \r\n", 0, 0}, line_row{"\r\n", 0, 0},
                                         line_row{"\r", 0, 0}, line_row{"", 0, 0}));

}  // namespace
}  // namespace sidecar::kube
