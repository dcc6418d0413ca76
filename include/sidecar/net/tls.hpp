#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "sidecar/base/errc.hpp"

namespace sidecar::net {

using tls_context = std::shared_ptr<boost::asio::ssl::context>;

/// A client's context that trusts the certificates of `ca_pem`, roots or not, and nothing else: no system roots, no
/// openssl.cnf, TLS 1.2 or newer, peer verification on. Errors: ca_malformed.
result<tls_context> make_client_context(std::string_view ca_pem);

/// Makes `connection` accept only a certificate for `host`: an IP literal must be in its IP SANs, a name in its DNS
/// SANs (the subject is never looked at, RFC 9525). SNI is sent for names only (RFC 6066, 3), ALPN offers http/1.1.
/// Errors: invalid_argument for an address with a zone, else whatever OpenSSL says.
result<void> expect_peer(SSL* connection, const std::string& host);

/// Why the peer's certificate was not accepted ("IP address mismatch"); empty if it was not the certificate's fault.
std::string verification_failure(SSL* connection);

}  // namespace sidecar::net
