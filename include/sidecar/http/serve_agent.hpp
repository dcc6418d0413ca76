#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>

#include "sidecar/http/server_context.hpp"

namespace sidecar::http {

/// Serves a client of the agent port: sends one line (agent_line.hpp) without reading a request, then closes.
boost::asio::awaitable<void> serve_agent(boost::asio::ip::tcp::socket accepted, boost::asio::ip::tcp::endpoint client,
                                         std::shared_ptr<server_context> server);

}  // namespace sidecar::http
