#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "support/channel.hpp"
#include "support/server_state.hpp"

namespace sidecar::test {

/// One connection of the stand-in API server, from its acceptance to its end. Lives on the server's thread; `state`
/// outlives it.
class session : public std::enable_shared_from_this<session> {
 public:
  session(boost::asio::ip::tcp::socket socket, server_state& state, std::uint64_t number);

  /// Never throws for anything that a peer does.
  static boost::asio::awaitable<void> run(std::shared_ptr<session> self);

  /// Lets a held answer go. On the server's thread.
  void release();
  /// Ends the connection at once. On the server's thread.
  void abort();

 private:
  using decision = server_state::decision;

  boost::asio::awaitable<bool> open();
  boost::asio::awaitable<void> serve();
  boost::asio::awaitable<bool> read_head(std::size_t& head_size);
  boost::asio::awaitable<bool> skip_body(std::size_t size);
  boost::asio::awaitable<bool> answer_request(http_request request);
  boost::asio::awaitable<bool> deliver(decision decided, bool close);
  boost::asio::awaitable<bool> send(std::string bytes);
  boost::asio::awaitable<bool> send_in_pieces(std::string bytes, fault trouble);
  boost::asio::awaitable<bool> send_endlessly(fault trouble);
  boost::asio::awaitable<bool> end_as(afterwards then, bool close_notify);
  boost::asio::awaitable<bool> perform(fault trouble);
  boost::asio::awaitable<bool> wait(std::chrono::microseconds time);
  boost::asio::awaitable<bool> wait_at_gate();
  boost::asio::awaitable<void> finish(bool close_notify);

  server_state& state_;
  boost::asio::steady_timer timer_;
  std::optional<fault> first_trouble_;  ///< for phase::connect; decides the channel's certificate
  channel channel_;
  std::uint64_t number_;
  std::string input_;
  std::uint64_t served_ = 0;
  bool released_ = false;
  bool aborted_ = false;
};

}  // namespace sidecar::test
