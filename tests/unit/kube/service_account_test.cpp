#include "sidecar/kube/service_account.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "support/certificates.hpp"
#include "unit/base/mounted_directory.hpp"

namespace sidecar::kube {
namespace {

TEST(CleanToken, TakesABearerTokenAndTheSpaceAroundIt) {
  const std::string upper{"\x80\xff"};
  const auto all = [] {
    std::string bytes;
    for (int value = 0x21; value < 0x7F; ++value) bytes += static_cast<char>(value);
    return bytes;
  }();
  for (const auto& text : {std::string{"eyJ.a-b_c~d+e/f=="}, std::string{"kubeconfig-u-abcde:secret"},
                           std::string{"ext/token-msx4z:%,;\"'"}, std::string{"a b\tc"}, std::string{"t\xc3\xb6ken"},
                           upper, all, std::string(20'000, 'x')}) {
    EXPECT_EQ(clean_token(text).value(), text);
    EXPECT_EQ(clean_token(" \t" + text + "\r\n").value(), text);
  }
}

TEST(CleanToken, RefusesWhatWouldBreakOutOfTheField) {
  for (const auto* text : {"a\r\nX-Evil: 1", "a\nb", "a\rb", "\x01", "a\x1b[0m", "a\x7f"}) {
    EXPECT_EQ(clean_token(text).error(), errc::token_malformed) << text;
  }
  EXPECT_EQ(clean_token(" \r\n").error(), errc::file_empty);
  EXPECT_EQ(clean_token(std::string_view("a\0b", 3)).error(), errc::token_malformed);
}

class ServiceAccount : public mounted_directory {
 protected:
  test::certificate_authority authority;
};

TEST_F(ServiceAccount, ReadsWhatTheKubeletMounts) {
  write("token", "abc\n");
  write("ca.crt", authority.pem());
  write("namespace", "demo\n");
  service_account account(root);
  EXPECT_TRUE(account.refresh_token());
  EXPECT_TRUE(account.refresh_ca());
  EXPECT_EQ(account.token(), "abc");
  EXPECT_NE(account.tls(), nullptr);
  EXPECT_EQ(account.read_namespace().text, "demo");
  EXPECT_EQ(account.read_namespace().problem, "");
}

TEST_F(ServiceAccount, TakesANewBundleAndKeepsTheContextWhenItIsNoBundle) {
  write("ca.crt", authority.pem());
  service_account account(root);
  account.refresh_ca();
  const auto before = account.tls();
  const auto generation = account.ca_generation();
  for (const auto* text : {"", "garbage", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}) {
    write("ca.crt", text);
    EXPECT_FALSE(account.refresh_ca()) << text;
    EXPECT_EQ(account.tls(), before) << text;
  }
  EXPECT_EQ(account.ca_generation(), generation);
  write("ca.crt", test::certificate_authority{}.pem());
  EXPECT_TRUE(account.refresh_ca());
  EXPECT_NE(account.tls(), before);
  EXPECT_EQ(account.ca_generation(), generation + 1);
}

// The CA that such a bundle adds was never trusted before, and that of the API server may be the one.
TEST_F(ServiceAccount, TakesABundleWithABadBlockAndLogsItOnce) {
  const test::certificate_authority another;
  const auto cut = another.pem().substr(0, 100);
  for (const auto& first : {authority.pem(), another.pem()}) {
    write("ca.crt", first + another.pem() + cut);
    service_account account(root);
    testing::internal::CaptureStderr();
    EXPECT_TRUE(account.refresh_ca());
    account.refresh_ca(true);
    const auto lines = testing::internal::GetCapturedStderr();
    EXPECT_NE(account.tls(), nullptr);
    EXPECT_NE(lines.find("skipped=\"3 (has no END line"), lines.npos) << lines;
    EXPECT_EQ(lines.find("skipped="), lines.rfind("skipped=")) << lines;
    write("ca.crt", another.pem());
    testing::internal::CaptureStderr();
    account.refresh_ca();
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  }
}

TEST_F(ServiceAccount, NamespaceThatIsNotThereIsAProblem) {
  EXPECT_EQ(service_account(root).read_namespace().problem, "cannot be read: there is no such file");
  write("namespace", " \n");
  EXPECT_EQ(service_account(root).read_namespace().problem, "is empty");
  EXPECT_EQ(service_account(root).read_namespace().text, "");
}

TEST_F(ServiceAccount, HidesEveryPieceOfTheTokenInWhatAPeerWrote) {
  write("token", "header-header-header.claims-claims-claims.signature-signature");
  service_account account(root);
  EXPECT_EQ(account.redact_token("HTTP 500: etcd is away"), "HTTP 500: etcd is away") << "without a token";
  account.refresh_token();
  EXPECT_EQ(account.redact_token("you sent \"Bearer " + account.token() + "\"."), "you sent \"Bearer ***\".");
  EXPECT_EQ(account.redact_token("signature-signature"), "***");
  EXPECT_EQ(account.redact_token("claims-claims-cl"), "***");
  EXPECT_EQ(account.redact_token("the header and the claims"), "the header and the claims");
  EXPECT_EQ(account.redact_token(std::string(2000, 'x')), std::string(1024, 'x'));
}

}  // namespace
}  // namespace sidecar::kube
