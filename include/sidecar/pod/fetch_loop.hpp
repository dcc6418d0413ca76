#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <optional>

#include "sidecar/kube/pod_source.hpp"
#include "sidecar/pod/fetch_queue.hpp"
#include "sidecar/pod/refresh_schedule.hpp"

namespace sidecar::pod {

/// Drives the fetch queue: fetches for each batch, and when a refresh is due. Not thread-safe. The constructor's
/// references outlive it.
class fetch_loop {
 public:
  fetch_loop(const boost::asio::any_io_executor& executor, kube::pod_source& source, const snapshot_cache& cache,
             std::chrono::nanoseconds stale_grace)
      : timer_(executor), source_(source), cache_(cache), schedule_(stale_grace) {}

  /// The batch of a query that arrives now. It is fetched for, unless it is taken first.
  batch_ptr join(time_point now);
  /// Fetches without a query until there is a first snapshot, whether a GET or a LIST brought it.
  void begin_at_once() noexcept { schedule_.begin_at_once(); }
  batch_ptr take_open() noexcept { return queue_.take_open(); }
  /// From now on batches wait, and nothing is refreshed.
  void pause() noexcept;
  void resume();
  /// Drops the open batch; from now on fetches every `period`, if that is not zero.
  void drain(std::chrono::nanoseconds period);

  /// Waits for a batch or a refresh, and fetches for it. Returns the batch with its outcome. Called in a loop by one
  /// coroutine.
  boost::asio::awaitable<batch_ptr> next();

 private:
  boost::asio::awaitable<kube::fetch_result> fetch(batch_ptr current);
  fetch_outcome evaluate(const kube::fetch_result& result) const;
  std::optional<time_point> due(time_point now) noexcept;
  boost::asio::awaitable<void> sleep(std::optional<time_point> due, time_point now);

  /// The minimum sleep, so that a due refresh does not spin during a Retry-After.
  static constexpr std::chrono::milliseconds min_sleep{100};

  boost::asio::steady_timer timer_;  ///< expires for the next refresh; cancelled by a query
  kube::pod_source& source_;
  const snapshot_cache& cache_;
  fetch_queue queue_;
  refresh_schedule schedule_;
};

}  // namespace sidecar::pod
