#include "sidecar/probe/probe_outcome.hpp"

#include <gtest/gtest.h>

namespace sidecar::probe {
namespace {

struct probe_row {
  http::health_response response;
  int exit_code;
  const char* line;
};

TEST(ProbeOutcome, OnlyTwoHundredIsUpAndOnlyAnErrorIsADrain) {
  const probe_row rows[] = {
      {{200, "OK"}, 0, "up: 200 OK"},
      {{200, "OK", false, "12"}, 0, "up: 200 OK, held for 12 s"},
      {{200, ""}, 0, "up: 200"},
      {{200, "OK", true}, 0, "up: 200 OK"},
      {{201, "Created"}, 1, "down: 201 Created"},
      {{204, "OK"}, 1, "down: 204 OK"},
      {{301, "OK"}, 1, "down: 301 OK (a redirect is not followed)"},
      {{302, "Found", true}, 1, "down: 302 Found (a redirect is not followed)"},
      {{404, "Maintenance", true}, 2, "drain: 404 Maintenance"},
      {{500, "PodTerminating", true}, 2, "drain: 500 PodTerminating"},
      {{500, "PodTerminating", true, "3"}, 2, "drain: 500 PodTerminating, held for 3 s"},
      {{500, "ContainerNotReady"}, 1, "down: 500 ContainerNotReady"},
      {{500, "OK"}, 1, "down: 500 OK"},
      {{600, "x", true}, 1, "down: 600 x"},
      {{101, "Switching Protocols"}, 1, "down: 101 Switching Protocols"},
      {{500, "a\x1b[2Jb"}, 1, R"(down: 500 a\x1b[2Jb)"},
  };
  for (const auto& row : rows) {
    const auto found = judge(row.response);
    EXPECT_EQ(found.line, row.line);
    EXPECT_EQ(exit_code_of(found, 2), row.exit_code) << row.line;
    EXPECT_TRUE(found.response) << row.line;
  }
}

TEST(ProbeOutcome, WithoutAResponseIsDown) {
  const auto found = no_response("connecting: refused\n");
  EXPECT_EQ(found.line, R"(down: connecting: refused\n)");
  EXPECT_EQ(exit_code_of(found, 0), 1);
  EXPECT_FALSE(found.response);
}

}  // namespace
}  // namespace sidecar::probe
