#pragma once

#include <openssl/ssl.h>

#include "sidecar/net/certificate_rules.hpp"

namespace sidecar::net {

/// Makes a context judge its peers' certificates as Go's crypto/x509 does. OpenSSL verifies every chain that is
/// accepted: signatures, names, dates, basic and name constraints. What differs is
/// * which paths it tries. By itself it takes one issuer for each certificate, the first that fits by name and key id,
///   and gives up if that is not the one. Where its own path fails, others are tried (path_search.hpp), as Go does and
///   RFC 4158 describes;
/// * its check of the certificate's purpose, which find_fault() replaces.
/// Each certificate of the context's store is trusted, root or not, the peer's own among them.
void verify_as_go(SSL_CTX* context, peer_role role);

/// What such a context does with a connection's certificates, for programs that have certificates and no connection:
/// `given` as OpenSSL prepares it for its own X509_verify_cert(). 1 if a path is good. Otherwise 0, and the error in
/// `given` is the one of OpenSSL's own path.
int verify_chain(X509_STORE_CTX* given, peer_role role) noexcept;

}  // namespace sidecar::net
