#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>
#include <cstddef>
#include <string_view>
#include <vector>

#include "sidecar/app/fetch_queue.hpp"
#include "sidecar/base/clock.hpp"

namespace sidecar::app {

/// The queries that wait, usually for a batch's outcome, each with its own deadline. Not thread-safe.
class query_waiters {
 public:
  explicit query_waiters(const boost::asio::any_io_executor& executor) : executor_(executor) {}

  /// Returns when the batch has its outcome, at `deadline`, or when all are woken. `container`: named by the query's
  /// path; empty for the configured target.
  boost::asio::awaitable<void> wait(batch_ptr joined, time_point deadline, std::string_view container);
  /// Returns at `deadline`, or when all are woken: for what is no batch.
  boost::asio::awaitable<void> wait_until(time_point deadline) { return wait(nullptr, deadline, {}); }

  /// Wakes the queries that wait for `ended`.
  void wake(const batch& ended);
  void wake_all();

  std::size_t count() const { return waiting_.size(); }
  /// The container of each query that waits for `joined`.
  std::vector<std::string_view> containers(const batch& joined) const;

 private:
  /// Leaves the list by itself, also if its coroutine is destroyed with the io_context, after everything else.
  struct waiter : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
    waiter(const boost::asio::any_io_executor& executor, const batch* waited_for, std::string_view named)
        : joined(waited_for), container(named), timer(executor) {}

    const batch* joined;  ///< null: none
    std::string_view container;
    boost::asio::steady_timer timer;
  };

  boost::asio::any_io_executor executor_;
  boost::intrusive::list<waiter, boost::intrusive::constant_time_size<false>> waiting_;
};

}  // namespace sidecar::app
