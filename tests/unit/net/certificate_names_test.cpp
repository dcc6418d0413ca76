#include "sidecar/net/certificate_names.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/certificates.hpp"

namespace sidecar::net {
namespace {

using testing::IsEmpty;
using testing::UnorderedElementsAre;

TEST(CertificateNames, AreThoseOfTheFirstCertificate) {
  const test::certificate_authority ca{"ca"};
  const auto mine = ca.issue({.ip_addresses = {"10.1.2.3", "fd00::1"}, .dns_names = {"node-a.example.com", "*.nodes"}});
  const auto other = ca.issue({.dns_names = {"other"}});
  EXPECT_THAT(names_in_certificate(mine.key + mine.pem + other.pem),
              UnorderedElementsAre("node-a.example.com", "10.1.2.3", "fd00::1", "*.nodes"));
  EXPECT_THAT(names_in_certificate(ca.pem()), IsEmpty());
  EXPECT_THAT(names_in_certificate("nonsense"), IsEmpty());
  EXPECT_THAT(names_in_certificate(""), IsEmpty());
}

TEST(CertificateNames, OfAWildcardOneIsChosenThatItCovers) {
  EXPECT_EQ(concrete_name("*.nodes.example.com"), "any.nodes.example.com");
  EXPECT_EQ(concrete_name("node-a"), "node-a");
  EXPECT_EQ(concrete_name("10.1.2.3"), "10.1.2.3");
}

}  // namespace
}  // namespace sidecar::net
