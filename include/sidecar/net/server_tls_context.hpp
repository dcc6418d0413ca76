#pragma once

#include <openssl/ssl.h>

namespace sidecar::net {

/// Sets up a server's context, all but its certificate: session tickets for an hour, no early data, no renegotiation,
/// http/1.1 and http/1.0 by ALPN, at most 16 KiB of client certificates, and no byte to a client older than TLS 1.2.
/// Each context has ticket keys of its own, so a ticket from before a change of TLS_CLIENT_CA is void.
void set_up_server(SSL_CTX* context);

/// Call after the handshake: frees the certificates of the client's chain except its own. OpenSSL would keep them, at
/// up to fourteen times their size, as long as the connection lives, and nothing reads them any more.
void drop_client_chain(SSL* connection);

}  // namespace sidecar::net
