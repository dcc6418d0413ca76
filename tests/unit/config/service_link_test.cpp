#include "sidecar/config/service_link.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "loaded.hpp"

namespace sidecar::config {
namespace {

struct row {
  std::string name;
  std::string rest;
  std::string value;
  bool link;
};
void PrintTo(const row& one, std::ostream* out) { *out << one.name; }

class ServiceLink : public testing::TestWithParam<row> {};

TEST_P(ServiceLink, IsToldFromAnOption) {
  EXPECT_EQ(is_service_link(GetParam().rest, GetParam().value), GetParam().link);
}

INSTANTIATE_TEST_SUITE_P(
    Rows, ServiceLink,
    testing::Values(
        row{"Host", "SERVICE_HOST", "10.0.0.1", true}, row{"HostOfIpv6", "SERVICE_HOST", "fd00::1", true},
        row{"Port", "SERVICE_PORT", "3000", true}, row{"NamedPort", "SERVICE_PORT_HTTP", "3000", true},
        row{"Url", "PORT", "tcp://10.0.0.1:3000", true}, row{"PortUrl", "PORT_3000_TCP", "tcp://10.0.0.1:3000", true},
        row{"PortProtocol", "PORT_3000_TCP_PROTO", "tcp", true}, row{"PortNumber", "PORT_3000_TCP_PORT", "3000", true},
        row{"PortAddress", "PORT_3000_TCP_ADDR", "10.0.0.1", true},
        row{"Udp", "PORT_53_UDP", "udp://10.0.0.1:53", true}, row{"Sctp", "PORT_53_SCTP_PORT", "53", true},
        row{"LongerServiceName", "X_SERVICE_HOST", "10.0.0.1", true},
        row{"LongerServiceNameUrl", "GAME_1_PORT_3000_TCP", "tcp://10.0.0.1:3000", true},
        row{"ServiceCalledPort", "PORT_PORT", "tcp://10.0.0.1:3000", true},
        row{"ServiceCalledService", "SERVICE_SERVICE_PORT", "3000", true},
        row{"GuessAtAnOption", "PORT", "3000", false}, row{"GuessAtALongerOption", "LISTEN_PORT", "3000", false},
        row{"ServicePortThatIsNoNumber", "SERVICE_PORT", "x", false},
        row{"NoPortNumber", "PORT_X_TCP", "tcp://10.0.0.1:3000", false},
        row{"UnknownProtocol", "PORT_3000_QUIC", "quic://10.0.0.1:3000", false},
        row{"UnknownPart", "PORT_3000_TCP_NAME", "x", false}, row{"Typo", "STALE_GRAC", "10s", false},
        row{"WordInside", "REPORT", "tcp://x", false},
        row{"TypoOfServiceAccountDir", "SERVICE_ACCOUNT_DIRECTORY", "/x", false}, row{"Empty", "", "", false}),
    [](const auto& tested) { return tested.param.name; });

TEST(ServiceLinks, OfAServiceOfOurNameAreNoMistakes) {
  environment variables = in_a_pod();
  variables[prefixed("SERVICE_HOST")] = "10.0.0.1";
  variables[prefixed("SERVICE_PORT")] = "3000";
  variables[prefixed("PORT")] = "tcp://10.0.0.1:3000";
  variables[prefixed("PORT_3000_TCP_ADDR")] = "10.0.0.1";
  EXPECT_EQ(mistakes_of(variables), mistakes{});
}

}  // namespace
}  // namespace sidecar::config
