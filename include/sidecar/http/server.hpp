#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <string>

#include "sidecar/http/health_endpoint.hpp"
#include "sidecar/http/limits.hpp"
#include "sidecar/http/listener.hpp"
#include "sidecar/http/session.hpp"

namespace sidecar::http {

/// Accepts connections and answers them, on the acceptor's executor, which has one thread. Its coroutines refer to it:
/// destroy it after the io_context has stopped for good, before or after the io_context itself.
class server {
 public:
  server(boost::asio::ip::tcp::acceptor acceptor, health_endpoint endpoint, unsigned unhealthy_status,
         const limits& bounds = {});

  /// Starts accepting. Call once.
  void start();

  /// Closes the listening socket; open connections go on.
  void stop_accepting();

  /// Closes the connections that have nothing to be answered: between two requests, or before the first.
  void close_idle() { context_.open.close_idle(); }

  /// Waits until no connection is open, `at_most` so long; true if none is. One caller at a time.
  boost::asio::awaitable<bool> wait_until_empty(std::chrono::milliseconds at_most) {
    return context_.open.wait_until_empty(at_most);
  }

  std::size_t sessions() const noexcept { return context_.open.count(); }
  boost::asio::ip::tcp::endpoint local_endpoint() const;

 private:
  boost::asio::awaitable<void> run_listener();
  void note_failure(const std::string& what);
  void take(boost::asio::ip::tcp::socket socket);

  session_context context_;
  boost::asio::ip::tcp::acceptor acceptor_;
  accept_trouble trouble_;
  boost::asio::steady_timer pause_;  ///< expires when the next connection may be accepted
};

}  // namespace sidecar::http
