#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>

#include "sidecar/net/coro.hpp"

namespace sidecar::net {

/// One coroutine waits until something else sets it, once. A timer that never expires by itself is the condition
/// variable of Asio 1.81: cancelling a wait is safe there, cancelling a coroutine is not (chriskohlhoff/asio#1332).
/// One thread, one waiter; it must outlive the wait.
class one_shot_event {
 public:
  explicit one_shot_event(const boost::asio::any_io_executor& executor)
      : timer_(executor, boost::asio::steady_timer::time_point::max()) {}

  bool is_set() const noexcept { return set_; }

  /// The waiter goes on in a turn of its own, never from within the caller's stack. Setting twice is harmless.
  void set() {
    if (!std::exchange(set_, true)) timer_.cancel();
  }

  /// Returns at once where it is set already.
  boost::asio::awaitable<void> wait() {
    if (!set_) co_await timer_.async_wait(use_result);
  }

 private:
  boost::asio::steady_timer timer_;
  bool set_ = false;
};

}  // namespace sidecar::net
