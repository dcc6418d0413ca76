#pragma once

#include <openssl/x509.h>

#include <string>
#include <string_view>
#include <vector>

namespace sidecar::net {

/// The content of a name in a certificate; it may have NULs.
std::string_view bytes_of(const ASN1_STRING* text) noexcept;

/// PURE. The DNS names and IP addresses (as literals) in the certificate's subject alternative names.
std::vector<std::string> names_of(const X509* certificate);

/// PURE. Those of a PEM text's first certificate; empty without a certificate.
std::vector<std::string> names_in_certificate(std::string_view pem);

/// PURE. A name that a certificate with that name is valid for: of a wildcard, one that it covers.
std::string concrete_name(std::string_view name);

}  // namespace sidecar::net
