#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>

#include "sidecar/http/connection_table.hpp"
#include "sidecar/http/limits.hpp"
#include "sidecar/status/responder.hpp"

namespace sidecar::status {

/// The limits of the status port: those of the health port, with fewer connections, and more time to read an answer,
/// which is larger than the kernel takes at once.
constexpr http::limits status_limits() noexcept {
  http::limits made;
  made.connections = 32;
  made.write = std::chrono::seconds{5};
  return made;
}

/// Shared by all connections of the status port, which own it together.
struct server_context {
  server_context(const boost::asio::any_io_executor& executor, const responder& answers)
      : bounds(status_limits()), connections(executor, bounds, own_traffic), responses(answers) {}

  const http::limits bounds;
  http::traffic own_traffic;  ///< of this port, which is told nowhere
  http::connection_table connections;
  const responder& responses;
};

/// Serves a client of the status port until it closes, or must be closed.
boost::asio::awaitable<void> serve_status(boost::asio::ip::tcp::socket accepted, boost::asio::ip::tcp::endpoint client,
                                          std::shared_ptr<server_context> server);

}  // namespace sidecar::status
