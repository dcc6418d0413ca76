#include "same_answer.hpp"

#include <gtest/gtest.h>

#include <regex>

namespace sidecar::test {
namespace {

void expect_same_head(const http_response& ours, const http_response& recorded) {
  EXPECT_EQ(ours.status_line, recorded.status_line);
  ASSERT_EQ(ours.fields.size(), recorded.fields.size());
  const std::regex uuid{"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"};
  const std::regex date{"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \\d\\d [A-Z][a-z]{2} \\d{4} \\d\\d:\\d\\d:\\d\\d GMT"};
  for (std::size_t i = 0; i < ours.fields.size(); ++i) {
    const auto& [name, value] = ours.fields[i];
    EXPECT_EQ(name, recorded.fields[i].first);
    if (name == "Audit-Id") {
      EXPECT_TRUE(std::regex_match(value, uuid)) << value;
    } else if (name == "Date") {
      EXPECT_TRUE(std::regex_match(value, date)) << value;
    } else {
      EXPECT_EQ(value, recorded.fields[i].second) << name;
    }
  }
}

}  // namespace

void expect_same(const std::optional<http_response>& ours, const http_response& recorded) {
  ASSERT_TRUE(ours);
  expect_same_head(*ours, recorded);
  EXPECT_EQ(ours->body, recorded.body);
  EXPECT_EQ(ours->chunks, recorded.chunks);
}

}  // namespace sidecar::test
