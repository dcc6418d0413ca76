#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <set>
#include <string>

namespace sidecar::http {

/// Logs clients' configuration errors: a warning for the first of each address, since a load balancer repeats its check
/// every few seconds, and 32 warnings in all, so that a client with many addresses cannot fill the log. The rest goes
/// to the debug log.
class client_warnings {
 public:
  /// `what` may contain bytes from the client.
  void add(const std::string& what, const boost::asio::ip::tcp::endpoint& client);

  /// For what is one error however many clients show it: a warning for the first.
  void add_once(const std::string& what, const boost::asio::ip::tcp::endpoint& client);

 private:
  std::set<std::string> logged_;
  std::set<std::string> logged_once_;
};

}  // namespace sidecar::http
