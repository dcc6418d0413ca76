#include "sidecar/net/server_tls_context.hpp"

#include <array>

namespace sidecar::net {
namespace {

/// In bytes, for a client's certificates. OpenSSL's default is 100 kB for each unauthenticated client.
constexpr long max_client_chain = 16 * 1024;

constexpr long ticket_seconds = 60 * 60;

/// Required for resumption with client certificates: without it OpenSSL refuses the ticket of every client that has
/// sent one (SSL_CTX_set_session_id_context(3)).
constexpr std::array<unsigned char, 6> session_id_context{'h', 'e', 'a', 'l', 't', 'h'};

/// A client that offers only HTTP/2 is refused with the alert no_application_protocol.
int select_protocol(SSL*, const unsigned char** chosen, unsigned char* size, const unsigned char* offered,
                    unsigned offered_size, void*) {
  static constexpr std::array<unsigned char, 18> spoken{8, 'h', 't', 't', 'p', '/', '1', '.', '1',
                                                        8, 'h', 't', 't', 'p', '/', '1', '.', '0'};
  unsigned char* pick = nullptr;
  const int outcome =
      ::SSL_select_next_proto(&pick, size, spoken.data(), static_cast<unsigned>(spoken.size()), offered, offered_size);
  *chosen = pick;
  return outcome == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

/// TLS 1.3 has its version in an extension (RFC 8446, 4.2.1).
bool is_at_least_tls_1_2(SSL* connection) {
  const unsigned char* versions = nullptr;
  std::size_t size = 0;
  return ::SSL_client_hello_get0_legacy_version(connection) >= TLS1_2_VERSION ||
         ::SSL_client_hello_get0_ext(connection, TLSEXT_TYPE_supported_versions, &versions, &size) == 1;
}

/// HAProxy's ssl-hello-chk sends SSL 3.0 and counts the alert that refuses it as up. With SSL_CLIENT_HELLO_RETRY
/// OpenSSL sends no alert, and Asio ends the handshake with unexpected_result.
int refuse_old_versions(SSL* connection, int*, void*) {
  return is_at_least_tls_1_2(connection) ? SSL_CLIENT_HELLO_SUCCESS : SSL_CLIENT_HELLO_RETRY;
}

}  // namespace

void set_up_server(SSL_CTX* context) {
  ::SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
  ::SSL_CTX_set_session_id_context(context, session_id_context.data(), session_id_context.size());
  ::SSL_CTX_set_timeout(context, ticket_seconds);
  ::SSL_CTX_set_num_tickets(context, 1);
  ::SSL_CTX_set_max_early_data(context, 0);
  ::SSL_CTX_set_max_cert_list(context, max_client_chain);
  ::SSL_CTX_set_alpn_select_cb(context, select_protocol, nullptr);
  ::SSL_CTX_set_client_hello_cb(context, refuse_old_versions, nullptr);
}

/// The connection owns the stacks; they stay, empty.
void drop_client_chain(SSL* connection) {
  for (auto* const chain : {::SSL_get_peer_cert_chain(connection), ::SSL_get0_verified_chain(connection)}) {
    while (auto* const one = sk_X509_pop(chain)) ::X509_free(one);
  }
}

}  // namespace sidecar::net
