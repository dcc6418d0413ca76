#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <utility>

namespace sidecar::net {

/// A mutex for the coroutines of one thread; first come, first served.
class coroutine_mutex {
  struct state;

 public:
  explicit coroutine_mutex(boost::asio::any_io_executor executor);

  /// Owns the mutex until it is destroyed. May outlive the mutex, for a coroutine that is destroyed with its
  /// io_context.
  class lock {
   public:
    lock(lock&&) noexcept = default;
    lock& operator=(lock&&) = delete;
    ~lock();

   private:
    friend coroutine_mutex;
    explicit lock(std::shared_ptr<state> shared) noexcept : shared_(std::move(shared)) {}

    std::shared_ptr<state> shared_;  ///< null once moved from
  };

  boost::asio::awaitable<lock> acquire();

 private:
  boost::asio::any_io_executor executor_;
  std::shared_ptr<state> shared_;
};

}  // namespace sidecar::net
