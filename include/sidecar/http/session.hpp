#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "sidecar/http/connections.hpp"
#include "sidecar/http/health_endpoint.hpp"
#include "sidecar/http/limits.hpp"
#include "sidecar/http/response.hpp"
#include "sidecar/net/peer_reactor.hpp"
#include "sidecar/net/peer_socket.hpp"
#include "sidecar/net/tls.hpp"

namespace sidecar::http {

/// What a server is told about its answers.
struct server_settings {
  unsigned unhealthy_status = 500;
  unsigned drain_status = 500;
  limits bounds = {};
  /// The context for a connection that comes now; empty: no TLS. Never returns null.
  std::function<net::tls_context()> tls = {};
  /// `after_others` where answers come from what others tell, so that what has been told is heeded.
  net::peer_reactor::turns turns = net::peer_reactor::turns::at_once;
};

/// What all sessions of a server share; outlives them, or the io_context stops first.
struct session_context {
  session_context(net::peer_reactor& reactor, health_endpoint asked, server_settings settings)
      : endpoint(std::move(asked)),
        answers(settings.unhealthy_status, settings.drain_status),
        bounds(settings.bounds),
        tls(std::move(settings.tls)),
        open(reactor, bounds) {}

  /// A warning the first time for each address, for a client that tries again every other second. `what` may come from
  /// a peer.
  void tell_once(const std::string& what, const net::peer_socket& client);

  const health_endpoint endpoint;
  const responses answers;
  const limits bounds;
  const std::function<net::tls_context()> tls;
  connections open;
  std::set<std::string> told;
  int asking = 0;  ///< questions that are being asked right now, each from within another
};

/// Answers one connection's requests, one at a time and in order, until the peer closes, a deadline passes or the
/// protocol asks for the end. A header of the PROXY protocol may come first, and TLS where it is configured; /livez is
/// answered in plain text there too, for a kubelet that has no certificate. It begins with its first turn. While
/// `at_once` answers, a request costs one receive, one send, and no allocation.
std::unique_ptr<net::turn_taker> make_session(net::peer_socket&& socket, session_context& context);

}  // namespace sidecar::http
