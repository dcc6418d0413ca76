#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <string>
#include <thread>

namespace sidecar::test {

/// The workload on a node: it answers every request of a session with an HTTP answer whose body is its name, and leaves
/// the session open.
class workload {
 public:
  /// `port` 0: any that is free.
  workload(const std::string& name, const std::string& address, std::uint16_t port);
  ~workload();
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  workload(const workload&) = delete;
  workload& operator=(const workload&) = delete;

 private:
  boost::asio::awaitable<void> welcome();
  boost::asio::awaitable<void> play(boost::asio::ip::tcp::socket player);

  std::string answer_;
  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::thread thread_;
};

}  // namespace sidecar::test
