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
  /// Its watch may have something to say. On the server's thread.
  void wake();
  /// Ends the connection at once. On the server's thread.
  void abort();

 private:
  using decision = server_state::decision;

  boost::asio::awaitable<bool> open();
  boost::asio::awaitable<void> serve();
  boost::asio::awaitable<bool> read_head(std::size_t& head_size);
  boost::asio::awaitable<bool> read_body(std::size_t size, std::string& body);
  boost::asio::awaitable<bool> answer_request(http_request request);
  boost::asio::awaitable<bool> reach_answer(const decision& decided, bool get);
  boost::asio::awaitable<bool> deliver(decision decided, bool close);
  boost::asio::awaitable<bool> send(std::string bytes);
  boost::asio::awaitable<bool> send_half(std::string bytes, std::size_t cut, fault trouble);
  boost::asio::awaitable<bool> send_in_pieces(std::string bytes, fault trouble);
  boost::asio::awaitable<bool> send_endlessly(fault trouble);
  boost::asio::awaitable<bool> end_as(afterwards then, bool close_notify);
  boost::asio::awaitable<bool> perform(fault trouble);
  boost::asio::awaitable<bool> wait(std::chrono::microseconds time);
  boost::asio::awaitable<bool> wait_at_gate();
  boost::asio::awaitable<void> finish(bool close_notify);
  void account(std::size_t bytes);

  /// @name Watches: session_watch.cpp
  /// @{
  struct stream;
  boost::asio::awaitable<bool> deliver_watch(decision decided, bool close);
  boost::asio::awaitable<bool> write_watch(stream& out);
  boost::asio::awaitable<bool> write_events(stream& out, const watch_stream::step& step);
  boost::asio::awaitable<bool> write_out(stream& out, std::string bytes);
  boost::asio::awaitable<bool> end_watch(stream& out, const watch_stream::step& step);
  boost::asio::awaitable<bool> end_cleanly(stream& out);
  boost::asio::awaitable<void> wait_until(std::chrono::steady_clock::time_point when);
  static boost::asio::awaitable<void> listen(std::shared_ptr<session> self);
  boost::asio::awaitable<void> stop_listening();
  /// @}

  server_state& state_;
  boost::asio::steady_timer timer_;
  std::optional<fault> first_trouble_;  ///< for phase::connect; decides the channel's certificate
  channel channel_;
  std::uint64_t number_;
  std::string input_;
  std::uint64_t served_ = 0;
  bool released_ = false;
  bool aborted_ = false;
  bool listening_ = false;  ///< a coroutine reads while the watch is written
  bool stop_listening_ = false;
  bool peer_gone_ = false;       ///< that is what it heard
  std::uint64_t wire_sent_ = 0;  ///< as far as they are counted
  std::uint64_t wire_received_ = 0;
};

}  // namespace sidecar::test
