#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <utility>

#include "sidecar/config/config.hpp"
#include "sidecar/health/verdict.hpp"
#include "sidecar/http/client_table.hpp"
#include "sidecar/http/client_warnings.hpp"
#include "sidecar/http/connection_table.hpp"
#include "sidecar/http/handshake_queue.hpp"
#include "sidecar/http/health_endpoint.hpp"
#include "sidecar/http/limits.hpp"
#include "sidecar/http/response.hpp"
#include "sidecar/http/traffic.hpp"
#include "sidecar/net/tls.hpp"

namespace sidecar::http {

/// The settings of a server.
struct server_settings {
  health::unhealthy_statuses statuses = {};
  limits bounds = {};
  /// The TLS context for a new connection; empty: no TLS. Never returns null.
  std::function<net::tls_context()> tls = {};
  config::run_mode mode = config::run_mode::sidecar;
  bool records_clients = false;  ///< keep a record of each client address (client_table)
};

/// Shared by all connections of a server, which own it together.
struct server_context {
  server_context(const boost::asio::any_io_executor& executor, health_endpoint& health, server_settings settings)
      : endpoint(health),
        answers(settings.statuses, settings.mode),
        mode(settings.mode),
        bounds(settings.bounds),
        tls(std::move(settings.tls)),
        connections(executor, bounds, traffic),
        handshakes(executor, bounds, connections),
        clients(settings.records_clients ? std::make_unique<client_table>() : nullptr) {}

  health_endpoint& endpoint;
  const responses answers;
  const config::run_mode mode;
  const limits bounds;
  const std::function<net::tls_context()> tls;
  http::traffic traffic;
  connection_table connections;
  handshake_queue handshakes;
  client_warnings warnings;
  const std::unique_ptr<client_table> clients;  ///< null: no records
};

}  // namespace sidecar::http
