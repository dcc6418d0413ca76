#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <list>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "sidecar/app/fetch_queue.hpp"
#include "sidecar/base/clock.hpp"
#include "sidecar/net/one_shot_event.hpp"

namespace sidecar::app {

/// The queries that wait for a batch's outcome, each with its own deadline. One timer serves all of them, since a timer
/// each would cost a system call each. Not thread-safe.
class query_waiters {
 public:
  explicit query_waiters(const boost::asio::any_io_executor& executor) : executor_(executor), timer_(executor) {}

  /// Returns when the batch has its outcome, at `deadline`, or when all are woken. `container`: named by the query's
  /// path; empty for the configured target.
  boost::asio::awaitable<void> wait(batch_ptr joined, time_point deadline, std::string_view container);

  /// Wakes the queries that wait for `ended`.
  void wake(const batch& ended);
  void wake_all();

  std::size_t count() const noexcept { return waiting_->size(); }
  /// The containers that the queries of `joined` name.
  std::vector<std::string_view> containers(const batch& joined) const;

 private:
  struct waiter {
    const batch* joined;
    time_point deadline;
    std::string_view container;
    net::one_shot_event event;
  };
  class entry;

  void arm(time_point deadline);
  void expire();

  boost::asio::any_io_executor executor_;
  boost::asio::steady_timer timer_;
  std::optional<time_point> armed_;  ///< the time the timer is set to
  std::shared_ptr<std::list<waiter*>> waiting_ = std::make_shared<std::list<waiter*>>();
};

}  // namespace sidecar::app
