#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>
#include <chrono>
#include <functional>
#include <memory>

namespace sidecar::net {

/// The end of the time for a sequence of operations, such as a call: lookup, connect, handshake, write, read. It is
/// sticky: once it has passed, the operation under way is aborted, and every later one fails at once. A timer of its
/// own sees to that, since Beast 1.81's expires_after does not bound a peer that sends fast (boostorg/beast 2dcdef38).
/// One thread.
class deadline {
 public:
  deadline(const boost::asio::any_io_executor& executor, std::chrono::nanoseconds limit);
  deadline(const deadline&) = delete;
  deadline& operator=(const deadline&) = delete;
  ~deadline();

  bool has_passed() const noexcept { return state_->passed; }

  /// `outcome` of an operation, or timed_out if it failed because time was up.
  boost::system::error_code result_of(boost::system::error_code outcome) const;

  /// What to do about the operation under way when time is up; for as long as this lives, one at a time. `abort` runs
  /// at once where the deadline has passed already.
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
    bool passed = false;
    std::function<void()> abort{};
  };

  boost::asio::steady_timer timer_;
  std::shared_ptr<state> state_;  ///< the timer's handler may be queued when the deadline is destroyed
};

}  // namespace sidecar::net
