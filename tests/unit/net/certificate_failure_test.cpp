#include "sidecar/net/certificate_failure.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/x509_vfy.h>

#include <string>

namespace sidecar::net {
namespace {

struct failure_row {
  long error;
  std::string remedy;  ///< a piece of it; empty if OpenSSL's words stand alone
};

// The words of most others are tested by chains that earn them: certificate_chains_test.cpp.
TEST(CertificateFailure, IsOpensslsWordsAndWhatToDo) {
  for (const auto& [error, remedy] : {
           failure_row{X509_V_ERR_HOSTNAME_MISMATCH, ""},
           failure_row{X509_V_ERR_IP_ADDRESS_MISMATCH, ""},
           failure_row{X509_V_ERR_CERT_HAS_EXPIRED, ""},
           failure_row{X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, ""},
           failure_row{X509_V_ERR_CERT_SIGNATURE_FAILURE, "put the CA that did into the CA bundle"},
           failure_row{X509_V_ERR_CA_MD_TOO_WEAK, "SHA-256"},
           failure_row{X509_V_ERR_UNSUPPORTED_SIGNATURE_ALGORITHM, "SHA-256"},
           failure_row{X509_V_ERR_INVALID_PURPOSE, "extended key usage"},
           failure_row{X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, "its root is not in the CA bundle"},
       }) {
    const std::string words = ::X509_verify_cert_error_string(error);
    const auto described = describe_failure(error);
    if (remedy.empty()) {
      EXPECT_EQ(described, words);
    } else {
      EXPECT_THAT(described, testing::StartsWith(words + ": "));
      EXPECT_THAT(described, testing::HasSubstr(remedy));
    }
  }
}

}  // namespace
}  // namespace sidecar::net
