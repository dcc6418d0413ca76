#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "sidecar/app/evaluated_snapshot.hpp"
#include "sidecar/base/clock.hpp"
#include "sidecar/health/verdict.hpp"

namespace sidecar::app {

/// What one fetch came to.
struct fetch_outcome {
  snapshot_ptr snapshot{};  ///< null: it failed
  health::reason failure = health::reason::api_unreachable;
  std::string detail{};  ///< for the log
};

/// The queries that one fetch answers. They hold it, and look for its outcome when they wake, whatever woke them.
struct batch {
  std::optional<fetch_outcome> outcome{};
  std::size_t waiting = 0;  ///< queries that wait for it still
  bool has_query = false;   ///< false: a refresh, whose success no client sees
};
using batch_ptr = std::shared_ptr<batch>;

/// Who shares which fetch (the field's "singleflight"): at most one fetch is under way and one batch waits. Queries
/// join the open batch. It closes when its fetch is about to write its request's first byte, so that no query gets a
/// response to a request that is older than itself (promise 2). Pure.
class fetch_queue {
 public:
  /// The open batch, opened now where there is none.
  batch_ptr join(bool is_query);

  /// The batch to fetch for now, which stays open until `close`. Null: none waits, or a fetch is under way, or the API
  /// server asked for time until later than `now`.
  batch_ptr start(time_point now);

  /// The fetch for `current` is about to write its request.
  void close(const batch_ptr& current);

  /// Its end, whatever became of it. `retry_after`: no fetch before, and who joins until then gets the same outcome.
  void finish(const batch_ptr& current, fetch_outcome outcome, std::optional<std::chrono::seconds> retry_after,
              time_point now);

  /// The batch that the API server's Retry-After refuses now, with its outcome; null: none.
  batch_ptr take_refused(time_point now);

  /// A drain answers the queries that wait: nothing is open any more.
  void reset() noexcept { open_.reset(); }

  bool is_fetching() const noexcept { return is_fetching_; }
  bool has_open() const noexcept { return open_ != nullptr; }
  bool is_refused(time_point now) const noexcept { return refusal_ && now < not_before_; }

 private:
  batch_ptr open_;
  bool is_fetching_ = false;
  time_point not_before_{};
  std::optional<fetch_outcome> refusal_;
};

}  // namespace sidecar::app
