#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <utility>

namespace sidecar::net {

/// A one-shot rendezvous on one thread: one coroutine waits, something else sets it. Used instead of timers as
/// condition variables, and instead of cancelling coroutines (Asio 1.81: chriskohlhoff/asio#1332).
/// The event must outlive the wait; one waiter at a time. A waiter that is never woken is destroyed with its
/// io_context, as one that waits for a socket is.
class event {
 public:
  explicit event(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}
  event(const event&) = delete;
  event& operator=(const event&) = delete;
  ~event();

  bool is_set() const noexcept { return set_; }

  /// Wakes the waiter by a post, so never from within the caller's stack. Setting twice is harmless.
  void set();

  /// Returns at once when already set.
  boost::asio::awaitable<void> wait();

 private:
  // Asio 1.81's any_completion_handler copies itself without end when it is posted.
  struct waiter {
    virtual ~waiter() = default;
    virtual void resume() = 0;
  };
  template <class Handler>
  struct waiter_of;
  struct start_wait;
  class registry;

  void keep(std::unique_ptr<waiter> waiting);
  std::unique_ptr<waiter> release() noexcept;

  boost::asio::any_io_executor executor_;
  std::unique_ptr<waiter> waiter_;
  bool set_ = false;

  // While there is a waiter: its place among those that the io_context takes down with it.
  registry* registry_ = nullptr;
  event* previous_ = nullptr;
  event* next_ = nullptr;
};

}  // namespace sidecar::net
