#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>
#include <chrono>
#include <cstddef>

#include "sidecar/http/connection.hpp"
#include "sidecar/http/incident.hpp"
#include "sidecar/http/limits.hpp"
#include "sidecar/http/traffic.hpp"

namespace sidecar::http {

/// All open connections, which their coroutines own: their number, their deadlines, and eviction at capacity.
///
/// One timer serves all deadlines; it expires at the earliest of them, but at most every `limits::sweep`. A timer per
/// connection would cost a system call per request.
class connection_table {
 public:
  /// `counted` gets the evictions. Both references outlive the table.
  connection_table(const boost::asio::any_io_executor& executor, const limits& bounds, traffic& counted);
  connection_table(const connection_table&) = delete;
  connection_table& operator=(const connection_table&) = delete;

  std::size_t size() const noexcept { return open_.size(); }
  bool is_full() const noexcept { return size() >= bounds_.connections; }

  /// True if another connection may be opened; at capacity one is evicted for it, if possible (eviction.hpp).
  bool ensure_capacity();

  /// Closes a connection to make room: its pending operation fails. It is no longer one of the open ones.
  void evict(connection& one) noexcept;

  /// Closes the connections without a request to answer: between two requests, or before the first.
  void close_idle();

 private:
  friend connection;
  using time_point = std::chrono::steady_clock::time_point;

  void add(connection& one);
  void remove(connection& one) noexcept;
  void close(connection& one) noexcept;
  void note_deadline(time_point deadline);
  void sweep();

  const limits& bounds_;
  traffic& counted_;
  boost::asio::steady_timer sweep_timer_;  ///< expires at max() while no sweep is due
  time_point last_sweep_{};
  incident at_capacity_;  ///< a client that waited for an answer was refused or evicted
  boost::intrusive::list<connection> open_;
};

}  // namespace sidecar::http
