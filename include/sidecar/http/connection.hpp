#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/intrusive/list_hook.hpp>
#include <chrono>
#include <cstddef>

#include "sidecar/http/eviction.hpp"
#include "sidecar/http/phase.hpp"
#include "sidecar/net/one_shot_event.hpp"
#include "sidecar/net/server_stream.hpp"

namespace sidecar::http {

class connection_table;

/// An accepted connection and its deadline. It is in the table until it is destroyed or the table closes it. When the
/// deadline passes, the pending operation and all later ones fail with timed_out until another phase is entered.
class connection : public boost::intrusive::list_base_hook<> {
 public:
  /// `client`: the address from accept; a client that has disconnected has none any more. `table` outlives it.
  connection(boost::asio::ip::tcp::socket accepted, const boost::asio::ip::tcp::endpoint& client,
             connection_table& table);
  ~connection();
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  net::server_stream& stream() noexcept { return stream_; }
  const boost::asio::ip::tcp::endpoint& client() const noexcept { return client_; }
  phase doing() const noexcept { return place_.doing; }
  /// When the last phase with a limit was entered.
  std::chrono::steady_clock::time_point since() const noexcept { return place_.since; }

  /// Enters a phase that lasts no longer than `limit`.
  void enter(phase next, std::chrono::milliseconds limit);
  /// Enters a phase without a deadline here: it has a limit of its own.
  void enter(phase next) noexcept;
  /// Enters a phase within the deadline of the previous one.
  void continue_as(phase next) noexcept { place_.doing = next; }

  std::size_t answers() const noexcept { return place_.answers; }
  void count_answer() noexcept { ++place_.answers; }

  /// The event to set when the deadline passes or the table closes the connection while its coroutine waits for no
  /// operation of the stream; null: none.
  void wake_at_end(net::one_shot_event* waiting) noexcept { waiting_ = waiting; }

 private:
  friend connection_table;

  void expire() noexcept;
  void close() noexcept;

  net::server_stream stream_;
  boost::asio::ip::tcp::endpoint client_;
  connection_table& table_;
  std::chrono::steady_clock::time_point deadline_;
  occupancy place_{phase::awaiting_first_byte, {}, 0};
  net::one_shot_event* waiting_ = nullptr;
};

}  // namespace sidecar::http
