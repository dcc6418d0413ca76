#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>

#include "sidecar/http/connection_table.hpp"

namespace sidecar::http {

/// Serves one accepted connection; the endpoint is the client's.
using serve_function =
    std::function<boost::asio::awaitable<void>(boost::asio::ip::tcp::socket, boost::asio::ip::tcp::endpoint)>;

/// Accepts connections for which `connections` has room, and spawns `serve` for each, until the acceptor is closed.
/// `connections` must outlive the coroutine: usually `serve` owns both.
boost::asio::awaitable<void> accept_connections(std::shared_ptr<boost::asio::ip::tcp::acceptor> acceptor,
                                                connection_table& connections, serve_function serve);

}  // namespace sidecar::http
