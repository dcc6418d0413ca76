#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>

#include "sidecar/http/listener.hpp"
#include "sidecar/net/peer_reactor.hpp"
#include "sidecar/net/peer_socket.hpp"

namespace sidecar::http {

/// Accepts connections on one listening socket until it is stopped; a process that has run out of files waits a little.
/// Destroy it before the reactor, and after the io_context has stopped for good.
class accept_loop {
 public:
  using taker = std::function<bool(net::peer_socket&&)>;

  /// Takes the socket out of `acceptor`. `take` gets each connection, and returns false if it has enough for this turn;
  /// what it throws costs that connection only.
  accept_loop(boost::asio::ip::tcp::acceptor acceptor, net::peer_reactor& reactor, taker take);
  ~accept_loop() { stop(); }
  accept_loop(const accept_loop&) = delete;
  accept_loop& operator=(const accept_loop&) = delete;

  /// Accepts from now on; does nothing where it does already, or was stopped. Call it again after an exception has left
  /// the io_context: accepting may have ended with it.
  void start();
  void stop() noexcept;

  boost::asio::ip::tcp::endpoint local_endpoint() const noexcept;

 private:
  class turn;

  void wait();
  void pause();
  void accept_some();
  void note_failure(const std::string& what);
  bool hand_over(net::peer_socket&& socket);

  net::peer_reactor& reactor_;
  int descriptor_;
  taker take_;
  accept_trouble trouble_;
  boost::asio::steady_timer pause_;  ///< expires when the next connection may be accepted
  bool waits_ = false;
  bool pauses_ = false;
};

}  // namespace sidecar::http
