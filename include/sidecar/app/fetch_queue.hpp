#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "sidecar/app/evaluated_snapshot.hpp"
#include "sidecar/base/clock.hpp"
#include "sidecar/health/verdict.hpp"

namespace sidecar::app {

/// The outcome of a fetch.
struct fetch_outcome {
  snapshot_ptr snapshot{};  ///< null: the fetch failed
  health::reason failure = health::reason::api_unreachable;
  std::string detail{};  ///< for the log
};

/// The queries that one fetch answers. They share it, and check its outcome whenever they wake.
struct batch {
  std::optional<fetch_outcome> outcome{};
  std::size_t waiting = 0;  ///< queries that still wait for it
  bool has_query = false;   ///< false: a refresh without a client
};
using batch_ptr = std::shared_ptr<batch>;

/// PURE. Queries share fetches ("singleflight"): at most one fetch is pending and one batch waits. Queries join the
/// open batch. It closes just before its fetch writes the request's first byte, so that no query gets the response to a
/// request older than itself (promise 2).
class fetch_queue {
 public:
  /// The open batch; opens one if there is none.
  batch_ptr join(bool is_query);

  /// The batch to fetch for now; it stays open until `close`. Null: no batch waits, a fetch is pending, or a
  /// Retry-After has not passed at `now`.
  batch_ptr start(time_point now);

  /// The fetch for `current` is about to write its request.
  void close(const batch_ptr& current);

  /// The end of the fetch. `retry_after`: no fetch before it has passed; queries that join until then get this outcome.
  void finish(const batch_ptr& current, fetch_outcome outcome, std::optional<std::chrono::seconds> retry_after,
              time_point now);

  /// The batch that a Retry-After refuses now, with its outcome; null: none.
  batch_ptr take_refused(time_point now);

  /// Makes `waiting`, which has no fetch, the open batch if there is none.
  void reopen(batch_ptr waiting) {
    waiting->has_query = true;
    if (!open_) open_ = std::move(waiting);
  }

  /// Drops the open batch: a drain answers its queries.
  void reset() noexcept { open_.reset(); }

  bool is_refused(time_point now) const noexcept { return refusal_ && now < not_before_; }

 private:
  batch_ptr open_;
  bool is_fetching_ = false;
  time_point not_before_{};
  std::optional<fetch_outcome> refusal_;
};

}  // namespace sidecar::app
