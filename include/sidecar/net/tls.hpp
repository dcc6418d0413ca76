#pragma once

#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "sidecar/base/errc.hpp"

namespace sidecar::net {

using tls_context = std::shared_ptr<boost::asio::ssl::context>;

/// A client's context that trusts the certificates of `ca_pem`, roots or not, and nothing else: no system roots, no
/// openssl.cnf, TLS 1.2 or newer, peer verification on (certificate_chain.hpp). What else is in `ca_pem` is skipped
/// (pem_bundle.hpp). Errors, if no certificate is in it: ca_malformed, certificate_joined, certificate_cut.
result<tls_context> make_client_context(std::string_view ca_pem);

/// What a server shows to its clients, as PEM, and whom it takes for a client.
struct server_identity {
  std::string certificate;  ///< with the chain behind it; what is no CERTIFICATE by its label is skipped
  std::string key;
  std::string client_ca = {};  ///< whoever vouches for clients, as `ca_pem` above; empty: nobody has to
};

/// A server's context: TLS 1.2 or newer, no renegotiation, no resumption (a client whose certificate is no longer
/// trusted would come back by it). With a client CA every client must have a certificate. Of what ALPN offers only
/// http/1.1 and http/1.0 are accepted. Errors: certificate_malformed, certificate_joined, certificate_cut,
/// certificate_order, client_ca_malformed, key_malformed, key_mismatch.
result<tls_context> make_server_context(const server_identity& identity);

/// How long a certificate is valid in all, and from now on; `left` is negative once it has expired.
struct validity {
  std::chrono::seconds whole{0};
  std::chrono::seconds left{0};
};

/// Of the certificate that a server's context shows.
validity validity_of(const boost::asio::ssl::context& context);

/// Makes `connection` accept only a certificate for `host`: an IP literal must be in its IP SANs (IPv4 mapped into IPv6
/// is IPv4), a name in its DNS SANs (expected_names.hpp; the subject is never looked at, RFC 9525). SNI is sent for
/// names only (RFC 6066, 3), ALPN offers http/1.1. Errors: invalid_argument for an address with a zone and for a name
/// that is none, else whatever OpenSSL says.
result<void> expect_peer(SSL* connection, const std::string& host);

/// Why the peer's certificate was not accepted ("IP address mismatch"), and what to do (certificate_failure.hpp); empty
/// if it was not the certificate's fault.
std::string verification_failure(SSL* connection);

}  // namespace sidecar::net
