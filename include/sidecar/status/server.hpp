#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <memory>

#include "sidecar/status/responder.hpp"
#include "sidecar/status/serve_status.hpp"

namespace sidecar::status {

/// Accepts and serves connections on the status port, on the acceptor's executor, which has one thread. `source`
/// outlives it. Its coroutines refer to it: destroy it after the io_context has stopped, and before the io_context
/// itself.
class server {
 public:
  server(boost::asio::ip::tcp::acceptor acceptor, responder_settings settings, const fact_source& source);
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// Starts to accept. Call once.
  void start();

  boost::asio::ip::tcp::endpoint local_endpoint() const { return acceptor_->local_endpoint(); }

 private:
  responder responder_;
  std::shared_ptr<server_context> context_;
  std::shared_ptr<boost::asio::ip::tcp::acceptor> acceptor_;
};

}  // namespace sidecar::status
