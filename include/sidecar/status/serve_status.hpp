#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <memory>

#include "sidecar/http/connection_table.hpp"
#include "sidecar/http/limits.hpp"
#include "sidecar/status/responder.hpp"

namespace sidecar::status {

/// Open connections of the status port: a scraper or two and some people.
inline constexpr std::size_t status_connections = 32;
/// How long a client may take to read an answer, which is larger than the kernel takes at once.
inline constexpr std::chrono::milliseconds status_write{5'000};

/// The limits of the status port: apart from these two those of the health port.
constexpr http::limits status_limits() noexcept {
  http::limits made;
  made.connections = status_connections;
  made.write = status_write;
  return made;
}

/// Shared by all connections of the status port, which own it together.
struct server_context {
  server_context(const boost::asio::any_io_executor& executor, const responder& answers)
      : bounds(status_limits()), connections(executor, bounds, own_traffic), responses(answers) {}

  const http::limits bounds;
  http::traffic own_traffic;  ///< of this port, which is shown nowhere
  http::connection_table connections;
  const responder& responses;
};

/// Serves a client of the status port until it closes, or must be closed.
boost::asio::awaitable<void> serve_status(boost::asio::ip::tcp::socket accepted, boost::asio::ip::tcp::endpoint client,
                                          std::shared_ptr<server_context> server);

}  // namespace sidecar::status
