#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "sidecar/base/clock.hpp"
#include "sidecar/kube/failure.hpp"
#include "sidecar/pod/snapshot_cache.hpp"

namespace sidecar::pod {

/// The outcome of a fetch.
struct fetch_outcome {
  snapshot_ptr snapshot{};  ///< null: the fetch failed
  kube::failure failure{health::reason::api_unreachable, {}, {}};
};

/// The queries that one fetch answers. They share it, and check its outcome whenever they wake.
struct batch {
  std::optional<fetch_outcome> outcome{};
  bool has_query = false;  ///< false: a refresh without a client
};
using batch_ptr = std::shared_ptr<batch>;

/// PURE. Queries share fetches ("singleflight"): at most one fetch is pending and one batch waits. Queries join the
/// open batch. It closes just before its fetch writes the request's first byte, so that no query gets the response to a
/// request older than itself (promise 2).
class fetch_queue {
 public:
  /// The open batch; opens one if there is none.
  batch_ptr join(bool is_query);

  /// The batch to fetch for now; it stays open until `close`. Null: no batch waits, a fetch is pending, the queue is
  /// paused, or a Retry-After has not passed at `now`.
  batch_ptr start(time_point now);

  /// The fetch for `current` is about to write its request.
  void close(const batch_ptr& current);

  /// The end of the fetch. After a Retry-After no fetch starts before it has passed; queries that join until then get
  /// this outcome.
  void finish(const batch_ptr& current, fetch_outcome outcome, time_point now);

  /// The batch that a Retry-After refuses now, with its outcome; null: none.
  batch_ptr take_refused(time_point now);

  /// Takes the open batch: a drain or a LIST answers its queries. Null: none.
  batch_ptr take_open() noexcept { return std::exchange(open_, nullptr); }

  /// While paused (the watch answers) the open batch waits and is not fetched for.
  void pause(bool is_paused) noexcept { is_paused_ = is_paused; }
  bool is_paused() const noexcept { return is_paused_; }

  bool is_refused(time_point now) const noexcept { return refusal_ && now < refusal_->until; }

 private:
  /// A Retry-After: no fetch starts before `until`, and queries get this outcome.
  struct refusal {
    time_point until;
    fetch_outcome outcome;
  };

  batch_ptr open_;
  bool is_fetching_ = false;
  bool is_paused_ = false;
  std::optional<refusal> refusal_;
};

}  // namespace sidecar::pod
