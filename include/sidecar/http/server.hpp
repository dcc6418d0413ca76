#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>

#include "sidecar/http/accept_loop.hpp"
#include "sidecar/http/health_endpoint.hpp"
#include "sidecar/http/session.hpp"

namespace sidecar::http {

/// Accepts connections and answers them, on the acceptor's executor, which has one thread. Questions under way refer to
/// it: destroy it after the io_context has stopped for good, and before the io_context itself.
class server {
 public:
  server(boost::asio::ip::tcp::acceptor acceptor, health_endpoint endpoint, server_settings settings = {});

  /// Answers HAProxy's agent checks on a port of their own, with the same answers; connections to both ports count
  /// together. Call before `start`.
  void serve_agent(boost::asio::ip::tcp::acceptor acceptor);

  /// Accepts from now on. Call it again after an exception has left the io_context: accepting may have ended with it.
  void start();

  /// Closes the listening sockets; open connections go on.
  void stop_accepting();

  /// Closes the connections that have nothing to be answered: between two requests, or before the first.
  void close_idle() { context_.open.close_idle(); }

  /// Waits until no connection is open, `at_most` so long; true if none is. One caller at a time.
  boost::asio::awaitable<bool> wait_until_empty(std::chrono::milliseconds at_most) {
    return context_.open.wait_until_empty(at_most);
  }

  std::size_t sessions() const noexcept { return context_.open.count(); }
  boost::asio::ip::tcp::endpoint local_endpoint() const { return health_.local_endpoint(); }
  /// Only with an agent.
  boost::asio::ip::tcp::endpoint agent_endpoint() const { return agent_->local_endpoint(); }

 private:
  using session_maker = std::unique_ptr<net::turn_taker> (*)(net::peer_socket&&, session_context&);

  bool take(net::peer_socket&& socket, session_maker make);

  net::peer_reactor reactor_;
  session_context context_;
  accept_loop health_;
  std::optional<accept_loop> agent_;
};

}  // namespace sidecar::http
