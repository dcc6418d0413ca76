#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>
#include <cstddef>
#include <string_view>
#include <vector>

#include "sidecar/base/clock.hpp"

namespace sidecar::http {

/// The queries that wait, each until its own deadline. What they wait for is compared by its address alone and has to
/// outlive the wait. Not thread-safe. It is here because pod and node, which may not include each other, both use it.
class query_waiters {
 public:
  explicit query_waiters(const boost::asio::any_io_executor& executor) : executor_(executor) {}

  /// Returns at `deadline`, or when `awaited` or all are woken. `container`: named by the query's path; empty for the
  /// configured target.
  boost::asio::awaitable<void> wait(const void* awaited, time_point deadline, std::string_view container);
  /// Returns at `deadline`, or when all are woken.
  boost::asio::awaitable<void> wait_until(time_point deadline) { return wait(nullptr, deadline, {}); }

  /// Wakes the queries that wait for `ended`.
  void wake(const void* ended);
  void wake_all();

  std::size_t count() const { return waiting_.size(); }
  /// The container of each query that waits for `awaited`.
  std::vector<std::string_view> containers(const void* awaited) const;

 private:
  /// Leaves the list by itself, also if its coroutine is destroyed with the io_context, after everything else.
  struct waiter : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
    waiter(const boost::asio::any_io_executor& executor, const void* waited_for, std::string_view named)
        : awaited(waited_for), container(named), timer(executor) {}

    const void* awaited;  ///< null: none
    std::string_view container;
    boost::asio::steady_timer timer;
  };

  boost::asio::any_io_executor executor_;
  boost::intrusive::list<waiter, boost::intrusive::constant_time_size<false>> waiting_;
};

}  // namespace sidecar::http
