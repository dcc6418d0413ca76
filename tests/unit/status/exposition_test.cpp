#include "sidecar/status/exposition.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace sidecar::status {
namespace {

TEST(Exposition, IsPrometheusTextFormat) {
  exposition out;
  out.begin("answers_total", exposition::type::counter, "Answers.");
  out.sample(std::uint64_t{7}, {{"code", "200"}, {"held", "false"}});
  out.sample(std::uint64_t{18'446'744'073'709'551'615U});
  out.begin("age", exposition::type::gauge, "The age.");
  out.sample(0.25);
  out.sample(std::numeric_limits<double>::quiet_NaN());
  out.sample(std::numeric_limits<double>::infinity());
  out.begin("time", exposition::type::histogram, "Time.");
  out.sample(std::uint64_t{1}, {{"le", "+Inf"}}, "_bucket");
  EXPECT_EQ(out.take(),
            "# HELP answers_total Answers.\n# TYPE answers_total counter\n"
            "answers_total{code=\"200\",held=\"false\"} 7\nanswers_total 18446744073709551615\n"
            "# HELP age The age.\n# TYPE age gauge\nage 0.25\nage NaN\nage +Inf\n"
            "# HELP time Time.\n# TYPE time histogram\ntime_bucket{le=\"+Inf\"} 1\n");
}

TEST(Exposition, LabelValuesAreEscaped) {
  exposition out;
  out.begin("x", exposition::type::gauge, "X.");
  out.sample(1.0, {{"text", "a\"b\\c\nd"}});
  EXPECT_TRUE(out.take().ends_with("x{text=\"a\\\"b\\\\c\\nd\"} 1\n"));
}

}  // namespace
}  // namespace sidecar::status
