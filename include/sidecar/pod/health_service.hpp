#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/health/answer.hpp"
#include "sidecar/http/health_endpoint.hpp"
#include "sidecar/http/query_waiters.hpp"
#include "sidecar/kube/pod_source.hpp"
#include "sidecar/pod/fetch_loop.hpp"
#include "sidecar/pod/snapshot_cache.hpp"
#include "sidecar/pod/transition_report.hpp"

namespace sidecar::pod {

struct health_settings {
  answer_settings answers{};
  std::chrono::nanoseconds answer_timeout = std::chrono::milliseconds{900};
  /// The maximum wait if the last fetch timed out or at capacity, provided that a held answer is available.
  std::chrono::nanoseconds short_wait = std::chrono::milliseconds{100};
  /// The number of waiting queries that is "at capacity": more than there are load balancers, and few enough that
  /// thousands of queries cannot hold all connections for the time of a slow call.
  std::size_t max_waiting = 128;
  /// The fetch interval of a drain that load balancers can distinguish from down; zero: no fetch.
  std::chrono::nanoseconds drain_fetch{0};
  /// Without a watch: a GET at the start, repeated until there is a first snapshot.
  bool fetches_at_start = false;
  transition_report::sink log = [](const auto&) {};
};

/// Answers queries: drain and override first, then a current snapshot, then a fetch, then the hold rule
/// (health/answer.hpp). Promise 2: a live answer that is not held comes from a GET whose first byte was written after
/// the query arrived; one GET serves queries for any container. Not thread-safe. `pods` (null only with an override)
/// outlives it, and it outlives its coroutines, except those that are destroyed with the io_context.
class health_service final : public http::health_endpoint {
 public:
  health_service(const boost::asio::any_io_executor& executor, health_settings settings, kube::pod_source* pods);

  /// Fetches for queries, forever. Spawn once, before the first query. Returns at once with an override.
  boost::asio::awaitable<void> run();

  /// The answer, if it needs no waiting. `container`: named by the path; empty: the configured target.
  std::optional<health::answer> answer_now(std::string_view container = {}) override;

  /// The answer to a query that arrives now. Takes at most `answer_timeout`.
  boost::asio::awaitable<health::answer> answer(std::string container = {}) override;

  // Called by the watch loop.
  void publish(health::snapshot known);
  void publish_if_worse(health::pod_state other);
  void mark_stale(const watch::steps::mark_stale& given);
  void serve(watch::steps::source origin);

  /// Whether the node is leaving has changed (answer_settings::node_drain).
  void reevaluate();

  /// Makes every further answer a drain (`draining` or `draining_unready`) and answers the waiting queries.
  void drain();
  bool is_draining() const noexcept override { return cache_.is_draining(); }

  /// For the status page: the answer for the configured target, without a fetch and without an allocation
  /// (snapshot_cache::current).
  health::answer current() const { return cache_.current(boottime_clock::now()); }
  /// What answers are made from: the newest snapshot, its problem, and where answers come from.
  const snapshot_cache& cache() const noexcept { return cache_; }

 private:
  health::answer decide(std::string_view container, std::optional<health::reason> failure = {}) const;
  health::answer conclude(const batch& joined, std::string_view container) const;
  std::chrono::nanoseconds wait_time(std::string_view container) const;
  void take(const batch& ended);
  void report(const batch& ended, const std::vector<std::string_view>& queried, bool is_too_late);
  void answer_waiting();

  health_settings settings_;
  snapshot_cache cache_;
  std::optional<fetch_loop> fetches_;
  http::query_waiters waiters_;
  transition_report report_;
};

}  // namespace sidecar::pod
