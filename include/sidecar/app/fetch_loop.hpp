#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <optional>

#include "sidecar/app/fetch_queue.hpp"
#include "sidecar/app/refresh_schedule.hpp"
#include "sidecar/kube/pod_source.hpp"

namespace sidecar::app {

/// Drives the fetch queue: fetches for each batch, and when a refresh is due. Not thread-safe. `source` outlives it.
class fetch_loop {
 public:
  fetch_loop(const boost::asio::any_io_executor& executor, kube::pod_source& source,
             std::chrono::nanoseconds stale_grace)
      : timer_(executor), source_(source), schedule_(stale_grace) {}

  /// The batch of a query that arrives now; it will be fetched for.
  batch_ptr join(time_point now);
  /// Makes `waiting` the open batch if there is none; its queries get the outcome of the next fetch.
  void reopen(batch_ptr waiting);
  /// No refresh before another query.
  void stop_refreshing() noexcept { schedule_.forget_queries(); }
  /// Drops the open batch; from now on fetches every `period`, if that is not zero.
  void drain(std::chrono::nanoseconds period);

  struct fetched {
    batch_ptr batch;
    std::optional<kube::fetch_result> result{};  ///< empty: Retry-After refused the batch, which has its outcome
  };
  /// Waits for a batch or a refresh, and fetches for it. Called in a loop by one coroutine, which calls `finish` in
  /// between.
  boost::asio::awaitable<fetched> next();
  void finish(const batch_ptr& current, fetch_outcome outcome, std::optional<std::chrono::seconds> retry_after);

 private:
  boost::asio::awaitable<kube::fetch_result> fetch(batch_ptr current);
  boost::asio::awaitable<void> sleep(time_point now);

  /// The minimum sleep, so that a due refresh does not spin during a Retry-After.
  static constexpr std::chrono::milliseconds min_sleep{100};

  boost::asio::steady_timer timer_;  ///< expires for the next refresh; cancelled by a query
  kube::pod_source& source_;
  fetch_queue queue_;
  refresh_schedule schedule_;
};

}  // namespace sidecar::app
