#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>

#include "sidecar/http/listener.hpp"
#include "sidecar/net/peer_socket.hpp"

namespace sidecar::http {

/// Accepts connections on one listening socket, on its executor, until it is stopped; a process that has run out of
/// files waits a little. Its coroutine refers to it: destroy it after the io_context has stopped for good.
class accept_loop {
 public:
  /// `take` gets each connection, non-blocking; what it throws costs that connection only.
  accept_loop(boost::asio::ip::tcp::acceptor acceptor, std::function<void(net::peer_socket&&)> take);
  accept_loop(const accept_loop&) = delete;
  accept_loop& operator=(const accept_loop&) = delete;

  /// Accepts from now on; does nothing where it does already, or was stopped. What it throws may also leave the
  /// io_context, when it was out of memory and could not even begin again: then call it again.
  void start();
  void stop();

  boost::asio::ip::tcp::endpoint local_endpoint() const;
  boost::asio::ip::tcp::acceptor::executor_type get_executor() { return acceptor_.get_executor(); }

 private:
  boost::asio::awaitable<void> run(std::shared_ptr<const bool> running);
  void note_failure(const std::string& what);
  void accept_one();
  void hand_over(net::peer_socket&& socket);

  boost::asio::ip::tcp::acceptor acceptor_;
  boost::asio::ip::tcp protocol_;
  std::function<void(net::peer_socket&&)> take_;
  accept_trouble trouble_;
  boost::asio::steady_timer pause_;    ///< expires when the next connection may be accepted
  std::weak_ptr<const bool> running_;  ///< held by the coroutine, so that it is known to have ended however it ends
};

}  // namespace sidecar::http
