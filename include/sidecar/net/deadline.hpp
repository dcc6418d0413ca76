#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>

namespace sidecar::net {

/// A deadline for a sequence of operations, such as a call: lookup, connect, handshake, write, read. It is sticky: when
/// it passes, the pending operation is aborted, and every later one fails at once. It has a timer of its own, because
/// Beast 1.81's expires_after does not stop a peer that keeps sending (boostorg/beast 2dcdef38). Not thread-safe.
class deadline {
 public:
  /// Passes after `limit`.
  deadline(const boost::asio::any_io_executor& executor, std::chrono::nanoseconds limit);
  /// Passes only when `expire` is called.
  explicit deadline(const boost::asio::any_io_executor& executor);
  deadline(const deadline&) = delete;
  deadline& operator=(const deadline&) = delete;
  ~deadline();

  bool has_passed() const noexcept { return state_->has_passed; }
  /// What it was made with; max() if only `expire` makes it pass.
  std::chrono::nanoseconds length() const noexcept { return length_; }

  /// Makes the deadline pass now.
  void expire();

  /// While it lives, `abort` ends the pending operation when the deadline passes; at once if it has passed already. One
  /// guard at a time. The deadline must outlive the guard.
  class guard {
   public:
    guard(const deadline& limit, std::function<void()> abort);
    guard(const guard&) = delete;
    guard& operator=(const guard&) = delete;
    ~guard();

   private:
    const deadline& limit_;
  };

 private:
  struct state {
    bool has_passed = false;
    std::function<void()> abort{};

    void pass();
  };

  std::chrono::nanoseconds length_;
  boost::asio::steady_timer timer_;
  std::shared_ptr<state> state_;  ///< the timer's handler may be queued when the deadline is destroyed
};

}  // namespace sidecar::net
