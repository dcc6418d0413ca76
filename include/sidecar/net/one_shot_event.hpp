#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>

namespace sidecar::net {

/// An event that is set once; coroutines wait for it. It is a timer that never expires, the condition variable of Asio
/// 1.81: cancelling a timer's wait is safe, cancelling a coroutine is not (chriskohlhoff/asio#1332). Not thread-safe;
/// it must outlive the waits.
class one_shot_event {
 public:
  explicit one_shot_event(const boost::asio::any_io_executor& executor)
      : timer_(executor, boost::asio::steady_timer::time_point::max()) {}

  bool is_set() const noexcept { return set_; }

  /// Waiters resume later, never on the caller's stack. Idempotent.
  void set() {
    if (!std::exchange(set_, true)) timer_.cancel();
  }

  /// Returns at once if it is already set.
  boost::asio::awaitable<void> wait();

 private:
  boost::asio::steady_timer timer_;
  bool set_ = false;
};

}  // namespace sidecar::net
