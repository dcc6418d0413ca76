#pragma once

#include <openssl/x509.h>

#include <cstdint>
#include <optional>

namespace sidecar::net {

/// What a peer's certificate must be good for.
enum class peer_role : std::uint8_t { server, client };

/// What is wrong with which certificate of a chain.
struct chain_fault {
  int error = X509_V_OK;  ///< X509_V_ERR_...
  int depth = 0;          ///< 0 is the peer's own certificate
};

/// PURE. What Go's crypto/x509 demands of a chain beyond what OpenSSL has verified of it (its purpose check left out):
/// * extended key usage along the path: absent, empty, any or the role's; and no other usage extension is looked at,
///   neither the leaf's key usage nor Netscape's type (verify.go, checkChainForKeyUsage);
/// * an issuer of version 3 has basic constraints that make it a CA, and self-issued certificates count for the path
///   length (isValid);
/// * no extension in a certificate older than version 3 (the parser overlooks them there, and with them the names);
/// * no critical extension that Go does not handle, name constraints of other kinds than its own among them;
/// * name constraints hold for self-issued certificates too, and an excluded name excludes a wildcard that covers it;
/// * signatures by RSA, ECDSA or Ed25519 over SHA-256 and its larger sisters.
/// `chain` is not empty; it begins with the peer's certificate and ends with the trusted one.
std::optional<chain_fault> find_fault(const STACK_OF(X509) * chain, peer_role role);

}  // namespace sidecar::net
