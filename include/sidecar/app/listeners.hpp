#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <optional>

#include "sidecar/config/config.hpp"

namespace sidecar::app {

/// The listening sockets.
struct listeners {
  boost::asio::ip::tcp::acceptor health;
  std::optional<boost::asio::ip::tcp::acceptor> agent;   ///< with AGENT_LISTEN
  std::optional<boost::asio::ip::tcp::acceptor> status;  ///< with STATUS_LISTEN, if it can be opened
};

/// Empty if the health port or the agent port cannot be opened or the limit of open files leaves no room for a
/// connection; logs why and what to do.
std::optional<listeners> open_listeners(const boost::asio::any_io_executor& executor, const config::config& settings);

}  // namespace sidecar::app
