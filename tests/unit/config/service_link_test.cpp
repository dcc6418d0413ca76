#include "sidecar/config/service_link.hpp"

#include <gtest/gtest.h>

#include <string>

#include "loaded.hpp"

namespace sidecar::config {
namespace {

TEST(ServiceLink, IsToldFromAnOption) {
  const struct {
    const char* rest;
    const char* value;
    bool is_link;
  } rows[] = {{"SERVICE_HOST", "10.0.0.1", true},
              {"SERVICE_HOST", "fd00::1", true},
              {"SERVICE_PORT", "3000", true},
              {"SERVICE_PORT_HTTP", "3000", true},
              {"PORT", "tcp://10.0.0.1:3000", true},
              {"PORT_3000_TCP", "tcp://10.0.0.1:3000", true},
              {"PORT_3000_TCP_PROTO", "tcp", true},
              {"PORT_3000_TCP_PORT", "3000", true},
              {"PORT_3000_TCP_ADDR", "10.0.0.1", true},
              {"PORT_53_UDP", "udp://10.0.0.1:53", true},
              {"PORT_53_SCTP_PORT", "53", true},
              {"X_SERVICE_HOST", "10.0.0.1", true},
              {"GAME_1_PORT_3000_TCP", "tcp://10.0.0.1:3000", true},
              {"PORT_PORT", "tcp://10.0.0.1:3000", true},
              {"SERVICE_SERVICE_PORT", "3000", true},
              {"PORT", "3000", false},
              {"LISTEN_PORT", "3000", false},
              {"SERVICE_PORT", "x", false},
              {"PORT_X_TCP", "tcp://10.0.0.1:3000", false},
              {"PORT_3000_QUIC", "quic://10.0.0.1:3000", false},
              {"PORT_3000_TCP_NAME", "x", false},
              {"STALE_GRAC", "10s", false},
              {"REPORT", "tcp://x", false},
              {"SERVICE_ACCOUNT_DIRECTORY", "/x", false},
              {"", "", false}};
  for (const auto& row : rows)
    EXPECT_EQ(is_service_link(row.rest, row.value), row.is_link) << row.rest << '=' << row.value;
}

TEST(ServiceLinks, OfAServiceOfOurNameAreNoMistakes) {
  environment variables = in_a_pod();
  variables[prefixed("SERVICE_HOST")] = "10.0.0.1";
  variables[prefixed("SERVICE_PORT")] = "3000";
  variables[prefixed("PORT")] = "tcp://10.0.0.1:3000";
  variables[prefixed("PORT_3000_TCP_ADDR")] = "10.0.0.1";
  EXPECT_EQ(errors_of(variables), configuration_errors{});
}

}  // namespace
}  // namespace sidecar::config
