#include "sidecar/net/path_search.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "sidecar/net/pem_bundle.hpp"
#include "support/certificates.hpp"

namespace sidecar::net {
namespace {

constexpr int not_signed = X509_V_ERR_CERT_SIGNATURE_FAILURE;
constexpr int no_issuer = X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;

using path_ptr = std::unique_ptr<STACK_OF(X509), void (*)(STACK_OF(X509)*)>;

path_ptr make_path(const std::vector<X509*>& certificates) {
  path_ptr path(sk_X509_new_null(), [](STACK_OF(X509) * stack) { sk_X509_free(stack); });
  for (auto* certificate : certificates) sk_X509_push(path.get(), certificate);
  return path;
}

/// A certificate of a server, whose issuer is called "ca", and many that are called so.
class PathSearch : public testing::Test {
 protected:
  X509* keep(const std::string& pem) {
    kept.push_back(std::move(read_pem(pem).certificates.at(0)));
    return kept.back().get();
  }
  X509* another_ca() { return keep(test::certificate_authority{"ca"}.pem()); }

  std::vector<certificate_ptr> kept;
  X509* leaf = keep(test::certificate_authority{"ca"}.issue().pem);
  path_search search;
};

TEST_F(PathSearch, WhoeverHasTheNameMayBeTheIssuer) {
  EXPECT_TRUE(search.allows(leaf, another_ca())) << "key ids are hints";
  EXPECT_FALSE(search.allows(leaf, keep(test::certificate_authority{"other"}.pem())));
}

TEST_F(PathSearch, WhoDidNotSignIsNotTriedAgainForThat) {
  auto* const one = another_ca();
  auto* const other = another_ca();
  EXPECT_TRUE(search.learn(make_path({leaf, one}).get(), {not_signed, 0}));
  EXPECT_FALSE(search.allows(leaf, one));
  EXPECT_TRUE(search.allows(leaf, other));
  EXPECT_TRUE(search.allows(other, one)) << "another certificate it may have signed";
  EXPECT_FALSE(search.learn(make_path({leaf, one}).get(), {not_signed, 0})) << "nothing new";
}

TEST_F(PathSearch, WhoIsUnfitIsNotTriedAgainAtAll) {
  auto* const expired = another_ca();
  auto* const top = another_ca();
  EXPECT_TRUE(search.learn(make_path({leaf, expired, top}).get(), {X509_V_ERR_CERT_HAS_EXPIRED, 1}));
  EXPECT_FALSE(search.allows(leaf, expired));
  EXPECT_TRUE(search.allows(leaf, top));
}

TEST_F(PathSearch, ADeadEndIsItsLastCertificate) {
  auto* const first = another_ca();
  auto* const last = another_ca();
  EXPECT_TRUE(search.learn(make_path({leaf, first, last}).get(), {no_issuer, 2}));
  EXPECT_TRUE(search.allows(leaf, first));
  EXPECT_FALSE(search.allows(leaf, last));
  EXPECT_FALSE(search.learn(make_path({leaf}).get(), {no_issuer, 0})) << "nobody has the name";
}

TEST_F(PathSearch, ACopyOfACertificateIsTheSame) {
  const auto pem = test::certificate_authority{"ca"}.pem();
  EXPECT_TRUE(search.learn(make_path({leaf, keep(pem)}).get(), {not_signed, 0}));
  EXPECT_FALSE(search.allows(leaf, keep(pem)));
}

struct final_row {
  chain_fault fault;
  bool is_final;
};

TEST_F(PathSearch, EndsWhereNoPathIsBetter) {
  for (const auto& [fault, expected] : {
           final_row{{X509_V_ERR_HOSTNAME_MISMATCH, 0}, true},
           final_row{{X509_V_ERR_EE_KEY_TOO_SMALL, 0}, true},
           final_row{{X509_V_ERR_CERT_HAS_EXPIRED, 0}, true},
           final_row{{X509_V_ERR_CERT_HAS_EXPIRED, 1}, false},
           final_row{{X509_V_ERR_INVALID_PURPOSE, 0}, true},
           final_row{{X509_V_ERR_INVALID_PURPOSE, 1}, false},
           final_row{{not_signed, 0}, false},
           final_row{{no_issuer, 0}, false},
           final_row{{X509_V_ERR_EXCLUDED_VIOLATION, 0}, false},
           final_row{{X509_V_ERR_CERT_CHAIN_TOO_LONG, 101}, true},
           final_row{{X509_V_ERR_UNSPECIFIED, 1}, true},
       }) {
    EXPECT_EQ(is_final(fault), expected) << fault.error << " at " << fault.depth;
  }
}

// Each costs the check of a signature, with a peer that has shown nothing yet.
TEST_F(PathSearch, PathsThatAPeerInventsAreFew) {
  auto* const trusted = another_ca();
  int tried = 1;
  while (search.learn(make_path({leaf, another_ca(), trusted}).get(), {not_signed, 1})) ++tried;
  // The first one has ruled the trusted certificate out.
  EXPECT_EQ(tried, 1 + max_useless_paths + 1);
}

TEST_F(PathSearch, EachCertificateOfTheBundleIsTried) {
  for (int i = 0; i < max_paths; ++i) {
    EXPECT_TRUE(search.learn(make_path({leaf, another_ca()}).get(), {not_signed, 0})) << i;
  }
}

}  // namespace
}  // namespace sidecar::net
