#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <memory>

#include "sidecar/http/client_table.hpp"
#include "sidecar/http/health_endpoint.hpp"
#include "sidecar/http/server_context.hpp"
#include "sidecar/http/traffic.hpp"

namespace sidecar::http {

/// Accepts and serves connections on the health port, and on the optional agent port, on the acceptor's executor, which
/// has one thread. `endpoint` outlives it. Its coroutines refer to it: destroy it after the io_context has stopped, and
/// before the io_context itself.
class server {
 public:
  server(boost::asio::ip::tcp::acceptor acceptor, health_endpoint& endpoint, server_settings settings = {});
  ~server() { stop_accepting(); }
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// Adds a port for HAProxy's agent checks, with the same answers. Connections of both ports count together. Call
  /// before `start`.
  void serve_agent(boost::asio::ip::tcp::acceptor acceptor);

  /// Starts to accept. Call once.
  void start();

  /// Closes the listening sockets; open connections continue.
  void stop_accepting();

  /// Closes the connections without a request to answer.
  void close_idle() { context_->connections.close_idle(); }

  /// The answers since the start.
  const http::traffic& traffic() const noexcept { return context_->traffic; }
  /// The records of client addresses; null without server_settings::records_clients.
  const client_table* clients() const noexcept { return context_->clients.get(); }

  std::size_t connections() const noexcept { return context_->connections.size(); }
  boost::asio::ip::tcp::endpoint local_endpoint() const { return health_->local_endpoint(); }
  /// Only with an agent.
  boost::asio::ip::tcp::endpoint agent_endpoint() const { return agent_->local_endpoint(); }

 private:
  using acceptor_ptr = std::shared_ptr<boost::asio::ip::tcp::acceptor>;

  std::shared_ptr<server_context> context_;
  acceptor_ptr health_;
  acceptor_ptr agent_;
};

}  // namespace sidecar::http
