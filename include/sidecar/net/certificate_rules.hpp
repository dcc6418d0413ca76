#pragma once

#include <openssl/x509.h>

#include <cstdint>
#include <optional>

namespace sidecar::net {

/// The role that a peer's certificate must allow.
enum class peer_role : std::uint8_t { server, client };

/// An error of one certificate of a chain.
struct chain_fault {
  int error = X509_V_OK;  ///< X509_V_ERR_...
  int depth = 0;          ///< 0 is the peer's own certificate
};

/// PURE. The rules of Go's crypto/x509 that OpenSSL does not check (without its purpose check):
/// * Extended key usage along the path is absent, empty, any, or the role's. Other usage extensions are ignored: the
///   leaf's key usage, Netscape's type (verify.go, checkChainForKeyUsage).
/// * An issuer of version 3 has basic constraints with CA:TRUE, and self-issued certificates count for the path length
///   (isValid).
/// * Certificates older than version 3 have no extensions (Go's parser ignores them, and the names in them).
/// * No critical extension that Go does not handle, including name constraints of unsupported name types.
/// * Name constraints apply to self-issued certificates too, and an excluded name excludes a wildcard that covers it.
/// * Signatures are RSA, ECDSA or Ed25519, over SHA-256, SHA-384 or SHA-512.
/// `chain` is not empty; it starts with the peer's certificate and ends with the trusted one.
std::optional<chain_fault> find_fault(const STACK_OF(X509) * chain, peer_role role);

}  // namespace sidecar::net
