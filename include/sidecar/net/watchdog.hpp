#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>

namespace sidecar::net {

/// Runs `bite` once when `limit` has passed, unless destroyed before. It depends on no operation of the peer's, so it
/// bounds all of them. `bite` runs on the executor's thread and may destroy the watchdog.
class watchdog {
 public:
  watchdog(const boost::asio::any_io_executor& executor, std::chrono::nanoseconds limit, std::function<void()> bite);
  watchdog(const watchdog&) = delete;
  watchdog& operator=(const watchdog&) = delete;
  ~watchdog();

 private:
  boost::asio::steady_timer timer_;
  // The timer's handler may already be queued when the watchdog is destroyed; it looks here first.
  std::shared_ptr<std::function<void()>> bite_;
};

}  // namespace sidecar::net
