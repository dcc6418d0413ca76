#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <chrono>

#include "sidecar/app/role.hpp"
#include "sidecar/http/server.hpp"

namespace sidecar::app {

/// The parts that a shutdown ends; they outlive the coroutine.
struct shutdown_parts {
  app::role& role;
  http::server& server;
};

/// The signals that run_until_shutdown handles.
boost::asio::signal_set handle_shutdown_signals(boost::asio::io_context& context);

/// Waits for SIGTERM or SIGINT; returns the exit code. SIGTERM drains: every health check is unhealthy for `drain`, so
/// that load balancers leave while connections are still accepted; then the ports close, and pending answers have a
/// second. SIGINT, or any signal during the drain, ends the process at once. SIGHUP changes nothing.
/// Unblocks the signals (signals.hpp) at its start.
boost::asio::awaitable<int> run_until_shutdown(boost::asio::signal_set& signals, shutdown_parts parts,
                                               std::chrono::milliseconds drain);

/// Runs the loop until it is stopped or has no work. False after an exception from a handler, which is a bug: it is
/// logged, and the process should exit so that Kubernetes restarts it, since its state is unknown.
bool run_loop(boost::asio::io_context& loop);

}  // namespace sidecar::app
