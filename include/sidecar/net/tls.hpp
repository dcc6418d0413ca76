#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "sidecar/base/errc.hpp"
#include "sidecar/net/certificate_validity.hpp"

namespace sidecar::net {

using tls_context = std::shared_ptr<boost::asio::ssl::context>;

/// A client's context that trusts only the certificates of `ca_pem`, roots or not: no system roots, no openssl.cnf, TLS
/// 1.2 or newer, peer verification on (certificate_chain.hpp). Other blocks of `ca_pem` are skipped (pem_bundle.hpp).
/// Errors, if it has no certificate: ca_malformed, certificate_joined, certificate_cut.
result<tls_context> make_client_context(std::string_view ca_pem);

/// Makes a client show that certificate (with its chain) to a server that asks for one. Both are PEM, and may be the
/// same text. Errors: those of a server's certificate and key, below.
result<void> show_certificate(boost::asio::ssl::context& context, std::string_view certificate, std::string_view key);

/// A server's certificate and key, and the CA of its clients, as PEM.
struct server_identity {
  std::string certificate;  ///< the server's, then its chain; blocks without the label CERTIFICATE are skipped
  std::string key;
  std::string client_ca = {};  ///< as `ca_pem` above; empty: clients need no certificate
};

/// A server's context: TLS 1.2 or newer, and all of server_tls_context.hpp. With a client CA every client must have a
/// certificate. Errors: certificate_malformed, certificate_joined, certificate_cut, certificate_order,
/// client_ca_malformed, key_malformed, key_mismatch.
result<tls_context> make_server_context(const server_identity& identity);

/// For the certificate of a server's context.
validity validity_of(const boost::asio::ssl::context& context);

/// Makes `connection` accept only a certificate for `host`: an IP literal must be in its IP SANs (IPv4 mapped into IPv6
/// is IPv4), a name in its DNS SANs (expected_names.hpp; the subject is ignored, RFC 9525). SNI is sent for names only
/// (RFC 6066, 3), ALPN offers http/1.1. Errors: invalid_argument for an address with a zone and for a malformed name,
/// else OpenSSL's.
result<void> expect_peer(SSL* connection, const std::string& host);

/// Why the peer's certificate was not accepted ("IP address mismatch"), and what to do (certificate_failure.hpp); empty
/// if the certificate was not the reason.
std::string verification_failure(SSL* connection);

/// The same after a handshake that ended with `failed`, which may also be because a certificate cannot be read.
std::string certificate_refusal(SSL* connection, const boost::system::error_code& failed);

}  // namespace sidecar::net
