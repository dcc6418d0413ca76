#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "support/certificates.hpp"
#include "support/recording.hpp"
#include "unit/net/chain_oracle.hpp"

/// Certificate chains as Go's crypto/x509 judges them. What differs is of the kinds that SECURITY.md lists.
namespace sidecar::net {
namespace {

const std::vector<test::oracle_chain>& chains() {
  static const auto read = test::read_chains(test::test_data("certificate-chains.jsonl"));
  return read;
}

/// Accepted though Go refuses: the kind of each. None is for its trust path, dates, names, usages or constraints.
const std::map<std::string, std::string> lenient{
    {"san-ip-length-5", "Encoding"},
    {"san-ip-length-8", "Encoding"},
    {"san-utf8-name", "Encoding"},
    {"san-bad-uri", "Encoding"},
    {"ca-flags-bc-true-as-01", "Encoding"},
    {"nc-dns-constraint-invalid", "Encoding"},
    {"keys-leaf-ec-compressed", "Encoding"},
    {"keys-ca-ec-compressed", "Encoding"},
    {"der-leaf-long-length", "Encoding"},
    {"names-universal-both", "Encoding"},
    {"intermediates-negative-serial-unrelated-sent", "Serial numbers"},
    {"serial-ca-negative", "Serial numbers"},
    {"serial-leaf-negative-large", "Serial numbers"},
    {"names-utf8-vs-printable", "The spelling of a name"},
    {"names-bmp-vs-utf8", "The spelling of a name"},
    {"names-spaces", "The spelling of a name"},
    {"names-trailing-space", "The spelling of a name"},
    {"names-int-printable-in-leaf", "The spelling of a name"},
    {"pem-x509-certificate", "PEM"},
    {"pem-bom", "PEM"},
    {"ext-leaf-policies-duplicate", "Certificate policies"},
    {"ext-leaf-policy-constraints-in-leaf-critical", "Certificate policies"},
    {"policy-require-0-mismatch", "Certificate policies"},
    {"policy-require-0-noncritical-leaf-without", "Certificate policies"},
    {"keys-ca-k256", "Kinds of keys"},
    {"keys-leaf-dsa", "Kinds of keys"},
    {"keys-leaf-rsassa-pss-spki", "Kinds of keys"},
    {"keys-ca-rsassa-pss-spki", "Kinds of keys"},
};

struct strict_kind {
  std::string kind;
  std::string remedy;  ///< in what the log says
};
const strict_kind named_as_ca{"A certificate with its CA's subject", "issue it with another subject, or with subject"};
const strict_kind small_rsa{"RSA below 2048 bits", "RSA needs 2048 bits at least"};
const strict_kind empty_usage{"A key usage without a bit", "such as a key usage without any bit"};
const strict_kind last_second{"The last second", "certificate has expired"};

/// Refused though Go accepts.
const std::map<std::string, strict_kind> strict{
    {"leaf-named-as-ca-aki-only", named_as_ca},
    {"leaf-named-as-ca-ski-only", named_as_ca},
    {"leaf-named-as-ca-ca-ski-copied", named_as_ca},
    {"leaf-named-as-ca-no-bc", named_as_ca},
    {"leaf-named-as-ca-no-ku", named_as_ca},
    {"leaf-named-as-ca-ca-without-ski-no-ids", named_as_ca},
    {"leaf-named-as-ca-ca-also-sent", named_as_ca},
    {"leaf-named-as-ca-intermediate-named-too-no-ids", named_as_ca},
    {"keys-leaf-rsa1024", small_rsa},
    {"keys-ca-rsa1032", small_rsa},
    {"keys-int-rsa1024", small_rsa},
    {"ku-leaf-empty", empty_usage},
    {"ku-ca-empty", empty_usage},
    {"ku-ca-int-empty", empty_usage},
    {"ca-flags-v2", {"A CA of version 2", "it needs version 3 and basic constraints"}},
    {"dates-leaf-ends-now", last_second},
    {"dates-ca-ends-now", last_second},
    {"dates-leaf-utctime-no-seconds", {"A time without seconds", "in UTC and with seconds"}},
    {"nc-dirname-noncritical", {"Constraints of directory names", "constraints of directory names count whether"}},
};
constexpr std::size_t most_refused = 20;

TEST(CertificateChains, AreJudgedAsGoJudgesThem) {
  ASSERT_EQ(chains().size(), 464U);
  std::size_t refused = 0;
  for (const auto& chain : chains()) {
    SCOPED_TRACE(chain.name + ": " + chain.go_error);
    const auto verdict = judge(chain);
    if (verdict.accepted && !chain.go) {
      EXPECT_TRUE(lenient.contains(chain.name)) << "accepted though Go refuses";
    } else if (!verdict.accepted && chain.go) {
      ++refused;
      ASSERT_TRUE(strict.contains(chain.name)) << "refused though Go accepts: " << verdict.failure;
      EXPECT_THAT(verdict.failure, testing::HasSubstr(strict.at(chain.name).remedy));
    }
  }
  EXPECT_LE(refused, most_refused);
}

TEST(CertificateChains, DifferOnlyAsSecurityMdSays) {
  std::ifstream file{SECURITY_MD};
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  std::set<std::string> kinds;
  for (const auto& [name, kind] : lenient) kinds.insert(kind);
  for (const auto& [name, kind] : strict) kinds.insert(kind.kind);
  for (const auto& kind : kinds) EXPECT_THAT(text, testing::HasSubstr("* **" + kind + "**"));
}

/// The chains about extended key usage, were they a client's. Go has one rule for both (verify.go,
/// checkChainForKeyUsage).
TEST(CertificateChains, OfClientsAreForClientAuthentication) {
  const std::set<std::string> good{
      "eku-leaf-none",
      "eku-leaf-client-only",
      "eku-leaf-any",
      "eku-leaf-client-any-critical",
      "eku-leaf-any-critical",
      "eku-leaf-server-client",
      "eku-leaf-client-server-critical",
      "eku-ca-client-leaf-none",
      "eku-ca-any-leaf-any",
      "eku-nested-int-client-leaf-any",
      "eku-nested-int-client-leaf-none",
      "eku-nested-root-none-int-none-leaf-none",
  };
  const auto mine = test::certificate_authority{}.issue();
  std::size_t tried = 0;
  for (const auto& chain : chains()) {
    if (!chain.family.starts_with("eku-")) continue;
    ++tried;
    const auto context = make_server_context({mine.pem, mine.key, chain.bundle});
    ASSERT_TRUE(context) << chain.name;
    const auto verdict = judge(chain, *context, peer_role::client);
    EXPECT_EQ(verdict.accepted, good.contains(chain.name)) << chain.name << ": " << verdict.failure;
  }
  EXPECT_EQ(tried, 32U);
}

}  // namespace
}  // namespace sidecar::net
