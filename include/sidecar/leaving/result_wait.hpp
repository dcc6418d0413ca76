#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>

namespace sidecar::leaving {

/// Lets coroutines wait for one result, for a limited time. Not thread-safe. It outlives its coroutines, except those
/// that are destroyed with the io_context.
class result_wait {
 public:
  explicit result_wait(const boost::asio::any_io_executor& executor) : limit_(executor) {}

  /// From now on a result is awaited; coroutines wait for it until `timeout` has passed.
  void await(std::chrono::nanoseconds timeout);

  /// The result has come, or will not: wakes those who wait. True if it was awaited, for however long.
  bool end();

  /// Whether `wait` would wait.
  bool is_pending() const;

  /// Returns when the result has come or the time has passed.
  boost::asio::awaitable<void> wait();

 private:
  boost::asio::steady_timer limit_;  ///< cancelled to wake those who wait
  bool is_awaited_ = false;
};

}  // namespace sidecar::leaving
