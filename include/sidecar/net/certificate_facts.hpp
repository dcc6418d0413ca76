#pragma once

#include <openssl/ssl.h>

#include <boost/asio/ssl/context.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/net/certificate_validity.hpp"

namespace sidecar::net {

/// What a certificate says, for the status page and doctor.
struct certificate_facts {
  std::string subject;  ///< "CN = kubernetes"
  std::string issuer;
  std::vector<std::string> names;  ///< its subjectAltName: DNS names and addresses
  validity valid{};                ///< a time that is malformed counts as the epoch
};

/// PURE. Those of a PEM bundle, in its order.
std::vector<certificate_facts> facts_of_bundle(std::string_view pem);

/// Makes a client's context store the certificate of each server in `sent` before it is verified as before: OpenSSL
/// keeps none that was refused. `sent` outlives the context's connections.
void record_server(boost::asio::ssl::context& client, certificate_facts& sent);

/// "TLSv1.3"; after the handshake.
std::string protocol_of(SSL* connection);

}  // namespace sidecar::net
