#include "sidecar/net/handshake_failure.hpp"

#include <gtest/gtest.h>
#include <openssl/asn1err.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <string>

namespace sidecar::net {
namespace {

using boost::system::error_code;

error_code openssl(int reason) {
  return {static_cast<int>(ERR_PACK(ERR_LIB_SSL, 0, reason)), boost::asio::error::get_ssl_category()};
}

TEST(HandshakeFailure, IsNamedWithAdviceOfItsOwn) {
  ::OPENSSL_init_ssl(OPENSSL_INIT_LOAD_SSL_STRINGS | OPENSSL_INIT_LOAD_CRYPTO_STRINGS, nullptr);
  const error_code unreadable{static_cast<int>(ERR_PACK(ERR_LIB_ASN1, 0, ASN1_R_WRONG_TAG)),
                              boost::asio::error::get_ssl_category()};
  const struct {
    error_code failed;
    const char* verification;
    const char* words;
    const char* advice;
  } rows[] = {
      // What OpenSSL 3.0 calls sslv3 is ssl/tls in 3.5.
      {boost::asio::ssl::error::unexpected_result, "", "(older than TLS 1.2)", "let its check use TLS 1.2 or 1.3"},
      {openssl(SSL_R_UNSUPPORTED_PROTOCOL), "", "(unsupported protocol", "let its check use TLS 1.2 or 1.3"},
      {openssl(SSL_R_VERSION_TOO_LOW), "", "(version too low", "let its check use TLS 1.2 or 1.3"},
      {openssl(SSL_R_TLSV1_ALERT_PROTOCOL_VERSION), "", "(tlsv1 alert", "let its check use TLS 1.2 or 1.3"},
      {openssl(SSL_R_NO_SHARED_CIPHER), "", "(no shared cipher", "RSA certificates alone needs one in TLS_CERT"},
      {openssl(SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM), "", "(no suitable signature algorithm", "also offers ECDSA"},
      {openssl(SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE), "", "alert handshake failure", "also offers ECDSA"},
      {openssl(SSL_R_NO_APPLICATION_PROTOCOL), "", "(no application protocol", "there is no HTTP/2 here"},
      {openssl(SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE), "", "(peer did not return a certificate",
       "give its check a certificate of that CA"},
      {openssl(SSL_R_CERTIFICATE_VERIFY_FAILED), "certificate has expired",
       "(certificate verify failed: certificate has expired)", "with TLS_CLIENT_CA"},
      {openssl(SSL_R_EXCESSIVE_MESSAGE_SIZE), "", "(excessive message size", "more than 16 KiB"},
      {unreadable, "", "(wrong tag", "a certificate that was sent cannot be read"},
      {openssl(SSL_R_TLSV1_ALERT_UNKNOWN_CA), "", "(tlsv1 alert unknown ca", "that its check trusts"},
      {openssl(SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED), "", "alert certificate expired", "that its check trusts"},
      {openssl(SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN), "", "alert certificate unknown", "that its check trusts"},
      {openssl(SSL_R_LENGTH_MISMATCH), "", "(length mismatch", "check that it speaks TLS"},
  };
  for (const auto& row : rows) {
    const auto told = describe_handshake_failure(row.failed, row.verification);
    EXPECT_TRUE(told.starts_with("a client's TLS handshake failed (")) << told;
    EXPECT_NE(told.find(row.words), told.npos) << told << " lacks " << row.words;
    EXPECT_NE(told.find(row.advice), told.npos) << told << " lacks " << row.advice;
  }
}

TEST(HandshakeFailure, IsNoneOfAClientThatHasGone) {
  for (const error_code gone :
       {error_code{boost::asio::error::eof}, error_code{boost::asio::error::connection_reset},
        error_code{boost::asio::error::operation_aborted}, error_code{boost::asio::error::timed_out},
        error_code{boost::asio::error::broken_pipe}, openssl(SSL_R_UNEXPECTED_EOF_WHILE_READING)}) {
    EXPECT_EQ(describe_handshake_failure(gone, ""), "") << gone.message();
  }
}

}  // namespace
}  // namespace sidecar::net
