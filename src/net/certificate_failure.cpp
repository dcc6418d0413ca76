#include "sidecar/net/certificate_failure.hpp"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <boost/asio/ssl/error.hpp>
#include <string_view>

namespace sidecar::net {
namespace {

/// Empty if OpenSSL's words suffice.
std::string_view advice(long error) noexcept {
  switch (error) {
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return "no certificate of its issuer's name has signed it; put the CA that did into the CA bundle";
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return "it is not in the CA bundle; if a CA of the same subject signed it, OpenSSL cannot tell that: issue it "
             "with another subject, or with subject and authority key identifiers";
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
      return "its root is not in the CA bundle, or has the same subject as an issuer below it and no key identifiers";
    case X509_V_ERR_EE_KEY_TOO_SMALL:
    case X509_V_ERR_CA_KEY_TOO_SMALL:
      return "RSA needs 2048 bits at least, ECDSA 224; issue it with a larger key";
    case X509_V_ERR_CA_MD_TOO_WEAK:
    case X509_V_ERR_UNSUPPORTED_SIGNATURE_ALGORITHM:
      return "issue it with a signature over SHA-256, SHA-384 or SHA-512";
    case X509_V_ERR_INVALID_EXTENSION:
      return "OpenSSL cannot read an extension of it, such as a key usage without any bit; issue it without that";
    case X509_V_ERR_INVALID_CA:
      return "an issuer is no CA: it needs version 3 and basic constraints with CA:TRUE";
    case X509_V_ERR_INVALID_PURPOSE:
      return "its extended key usage or that of an issuer is for something else";
    case X509_V_ERR_PERMITTED_VIOLATION:
      return "a CA constrains the names below it, and it has one that is not permitted; constraints of directory names "
             "count whether they are critical or not";
    case X509_V_ERR_ERROR_IN_CERT_NOT_BEFORE_FIELD:
    case X509_V_ERR_ERROR_IN_CERT_NOT_AFTER_FIELD:
      return "RFC 5280 wants the time in UTC and with seconds; issue it with such times";
    default:
      return {};
  }
}

}  // namespace

std::string describe_failure(long error) {
  std::string text = ::X509_verify_cert_error_string(error);
  if (const auto more = advice(error); !more.empty()) text.append(": ").append(more);
  return text;
}

bool is_unreadable_certificate(const boost::system::error_code& failed) noexcept {
  // Asio returns the first of OpenSSL's errors, which is that of its ASN.1 decoder.
  return failed.category() == boost::asio::error::get_ssl_category() &&
         ERR_GET_LIB(static_cast<unsigned long>(failed.value())) == ERR_LIB_ASN1;
}

}  // namespace sidecar::net
