#include "sidecar/net/certificate_facts.hpp"

#include <gmock/gmock.h>

#include "support/certificates.hpp"

namespace sidecar::net {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

TEST(CertificateFacts, OfEachCertificateInABundle) {
  const test::certificate_authority authority{"kubernetes"};
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const auto leaf = authority.issue({.common_name = "kube-apiserver",
                                     .ip_addresses = {"10.96.0.1", "fd00::1"},
                                     .dns_names = {"kubernetes"},
                                     .valid_from = -2h,
                                     .valid_until = 3h});

  const auto found = facts_of_bundle(authority.pem() + "no certificate\n" + leaf.pem);

  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].subject, "CN = kubernetes");
  EXPECT_TRUE(found[0].names.empty());
  EXPECT_EQ(found[1].subject, "CN = kube-apiserver");
  EXPECT_EQ(found[1].issuer, "CN = kubernetes");
  std::vector<std::string> names = found[1].names;
  std::ranges::sort(names);
  EXPECT_THAT(names, ElementsAre("10.96.0.1", "fd00::1", "kubernetes"));
  EXPECT_LE(std::chrono::abs(found[1].valid.begin - (now - 2h)), 2s);
  EXPECT_LE(std::chrono::abs(found[1].valid.end - (now + 3h)), 2s);
}

TEST(CertificateFacts, NoBundle) { EXPECT_TRUE(facts_of_bundle("").empty()); }

}  // namespace
}  // namespace sidecar::net
