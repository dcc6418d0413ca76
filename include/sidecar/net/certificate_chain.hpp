#pragma once

#include <openssl/ssl.h>

#include "sidecar/net/certificate_rules.hpp"

namespace sidecar::net {

/// Makes a context accept the certificates that Go's crypto/x509 accepts. OpenSSL still verifies every accepted chain:
/// signatures, names, dates, basic and name constraints. The differences:
/// * The paths. OpenSSL tries one issuer for each certificate, the first whose name and key id match. If its path
///   fails, others are tried (path_search.hpp), as Go does and RFC 4158 describes.
/// * The certificate's purpose: find_fault() replaces OpenSSL's check.
/// Every certificate of the context's store is a trust anchor, root or not, even the peer's own.
void verify_as_go(SSL_CTX* context, peer_role role);

/// The same verification without a connection: `given` is prepared as for X509_verify_cert(). Returns 1 if a path is
/// valid; otherwise 0, and the error in `given` is that of OpenSSL's own path.
int verify_chain(X509_STORE_CTX* given, peer_role role) noexcept;

}  // namespace sidecar::net
