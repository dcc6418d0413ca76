#pragma once

#include <boost/asio/io_context.hpp>

namespace sidecar::app {

/// Runs the loop until it is stopped or has no work. False after an exception from a handler, which is a bug: it is
/// logged, and the process should exit so that Kubernetes restarts it, since its state is unknown.
bool run_loop(boost::asio::io_context& loop);

}  // namespace sidecar::app
