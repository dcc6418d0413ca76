#include "sidecar/doctor/finding.hpp"

#include <gtest/gtest.h>

namespace sidecar::doctor {
namespace {

TEST(Finding, OneLineEachAndOneForTheRemedy) {
  const findings found{{level::ok, "tcp", "10.96.0.1:443 accepts connections"},
                       {level::warn, "spec", "container game has no readinessProbe", "give it one"},
                       {level::fail, "permissions", "pods \"game-0\" is forbidden", "kubectl create role"}};
  EXPECT_EQ(render_text(found),
            "ok    tcp          10.96.0.1:443 accepts connections\n"
            "warn  spec         container game has no readinessProbe\n"
            "                   -> give it one\n"
            "FAIL  permissions  pods \"game-0\" is forbidden\n"
            "                   -> kubectl create role\n");
}

TEST(Finding, ForeignBytesStayOnTheirLine) {
  const findings found{{level::fail, "api", "HTTP 500: a\nb\x1b[31m\xff", "x\ty"}};
  EXPECT_EQ(render_text(found),
            "FAIL  api          HTTP 500: a\\nb\\x1b[31m\\xff\n"
            "                   -> x\\ty\n");
}

TEST(Finding, Json) {
  EXPECT_EQ(render_json({}), "{\"failed\":false,\"findings\":[]}\n");
  const findings found{{level::ok, "tcp", "fine"}, {level::fail, "api", "a \"b\" \\ \n \xff", "c"}};
  EXPECT_EQ(render_json(found), R"({"failed":true,"findings":[{"level":"ok","check":"tcp","what":"fine","remedy":""},)"
                                R"({"level":"fail","check":"api","what":"a \"b\" \\ \n \ufffd","remedy":"c"}]})"
                                "\n");
}

TEST(Finding, AWarningIsNoFailure) {
  EXPECT_FALSE(has_failed({}));
  EXPECT_FALSE(has_failed(findings{{level::ok, "a", "b"}, {level::warn, "a", "b"}}));
  EXPECT_TRUE(has_failed(findings{{level::fail, "a", "b"}, {level::ok, "a", "b"}}));
}

}  // namespace
}  // namespace sidecar::doctor
