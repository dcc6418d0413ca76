#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>

#include "sidecar/http/server_context.hpp"

namespace sidecar::http {

/// Serves a client of the health port: an optional PROXY header, TLS if configured, then its requests, one at a time
/// and in order, until the client closes, a deadline passes or an answer closes the connection. In plain HTTP a TLS
/// port answers only /livez (for the kubelet, which has no certificate); everything else gets a 400.
boost::asio::awaitable<void> serve_connection(boost::asio::ip::tcp::socket accepted,
                                              boost::asio::ip::tcp::endpoint client,
                                              std::shared_ptr<server_context> server);

}  // namespace sidecar::http
