#include "sidecar/config/service_link.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "loaded.hpp"

namespace sidecar::config {
namespace {

struct link_row {
  std::string name;
  std::string rest;
  std::string value;
  bool link;
};
void PrintTo(const link_row& one, std::ostream* out) { *out << one.name; }

class ServiceLink : public testing::TestWithParam<link_row> {};

TEST_P(ServiceLink, IsToldFromAnOption) {
  EXPECT_EQ(is_service_link(GetParam().rest, GetParam().value), GetParam().link);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, ServiceLink,
    testing::Values(
        link_row{"Host", "SERVICE_HOST", "10.0.0.1", true}, link_row{"HostOfIpv6", "SERVICE_HOST", "fd00::1", true},
        link_row{"Port", "SERVICE_PORT", "3000", true}, link_row{"NamedPort", "SERVICE_PORT_HTTP", "3000", true},
        link_row{"Url", "PORT", "tcp://10.0.0.1:3000", true},
        link_row{"PortUrl", "PORT_3000_TCP", "tcp://10.0.0.1:3000", true},
        link_row{"PortProtocol", "PORT_3000_TCP_PROTO", "tcp", true},
        link_row{"PortNumber", "PORT_3000_TCP_PORT", "3000", true},
        link_row{"PortAddress", "PORT_3000_TCP_ADDR", "10.0.0.1", true},
        link_row{"Udp", "PORT_53_UDP", "udp://10.0.0.1:53", true}, link_row{"Sctp", "PORT_53_SCTP_PORT", "53", true},
        link_row{"LongerServiceName", "X_SERVICE_HOST", "10.0.0.1", true},
        link_row{"LongerServiceNameUrl", "GAME_1_PORT_3000_TCP", "tcp://10.0.0.1:3000", true},
        link_row{"ServiceCalledPort", "PORT_PORT", "tcp://10.0.0.1:3000", true},
        link_row{"ServiceCalledService", "SERVICE_SERVICE_PORT", "3000", true},
        link_row{"GuessAtAnOption", "PORT", "3000", false},
        link_row{"GuessAtALongerOption", "LISTEN_PORT", "3000", false},
        link_row{"ServicePortThatIsNoNumber", "SERVICE_PORT", "x", false},
        link_row{"NoPortNumber", "PORT_X_TCP", "tcp://10.0.0.1:3000", false},
        link_row{"UnknownProtocol", "PORT_3000_QUIC", "quic://10.0.0.1:3000", false},
        link_row{"UnknownPart", "PORT_3000_TCP_NAME", "x", false}, link_row{"Typo", "STALE_GRAC", "10s", false},
        link_row{"WordInside", "REPORT", "tcp://x", false},
        link_row{"TypoOfServiceAccountDir", "SERVICE_ACCOUNT_DIRECTORY", "/x", false},
        link_row{"Empty", "", "", false}),
    [](const auto& tested) { return tested.param.name; });

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
