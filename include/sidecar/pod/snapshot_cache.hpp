#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sidecar/health/answer.hpp"
#include "sidecar/health/evaluate.hpp"
#include "sidecar/health/snapshot.hpp"
#include "sidecar/watch/steps.hpp"

namespace sidecar::pod {

/// A snapshot with its verdict on the configured target: evaluated once, however many queries it answers.
struct evaluated_snapshot {
  health::snapshot snapshot;
  health::target target;       ///< the target it was evaluated for, with the bound uid of that time
  health::verdict configured;  ///< the verdict on that target

  /// The verdict on the container that a path names; if empty, on the configured target.
  health::verdict verdict(std::string_view container) const {
    if (container.empty()) return configured;
    return health::evaluate_container(snapshot.state, container, target.bound_uid, !target.node_drain.empty());
  }
};
using snapshot_ptr = std::shared_ptr<const evaluated_snapshot>;

/// What answers are made from, apart from the snapshot.
struct answer_settings {
  std::optional<health::verdict> override_verdict{};  ///< set: no API request is made
  std::vector<std::string> containers{};              ///< TARGET_CONTAINER
  health::requirement require{};                      ///< REQUIRE
  /// The uid that the pod must have, read at each evaluation since the token rotates; empty: any.
  std::function<std::string()> bound_uid = [] { return std::string{}; };
  /// Why the node of that name is leaving, read at each evaluation; empty: it is not.
  std::function<std::string(std::string_view node)> node_drain = [](std::string_view) { return std::string{}; };
  health::hold_rule hold{};
  watch::steps::source source = watch::steps::source::live;         ///< at first; then as snapshot_cache::serve says
  std::chrono::nanoseconds current_for = std::chrono::seconds{20};  ///< after the last LIST that confirmed the snapshot
};

/// PURE. The newest snapshot, whether it is current, and the answer that follows: with a watch it is current for
/// `current_for` after the last LIST that confirmed it (by a clock that runs through a suspend); in live mode never,
/// since each query needs a fetch.
class snapshot_cache {
 public:
  using source = watch::steps::source;

  explicit snapshot_cache(answer_settings settings) : settings_(std::move(settings)), source_(settings_.source) {}

  snapshot_ptr evaluate(health::snapshot taken) const;
  void store(snapshot_ptr newest);
  /// Evaluates the stored snapshot again: what else a verdict depends on has changed.
  void reevaluate();
  /// Of two states that cannot be ordered the less healthy one counts. True if that is `other`.
  bool store_if_worse(health::pod_state other);
  /// The snapshot is not current until one is stored that was observed later.
  void note_failure(health::reason why) noexcept { problem_ = {why, false}; }
  /// The newest snapshot came after each query that waited for it had been answered.
  void note_late() noexcept {
    if (!problem_) problem_ = {health::reason::api_timeout, true};
  }
  void serve(source origin) noexcept {
    source_ = origin;
    problem_.reset();
  }
  void drain() noexcept { is_draining_ = true; }

  const snapshot_ptr& snapshot() const noexcept { return snapshot_; }
  source serving() const noexcept { return source_; }
  bool is_draining() const noexcept { return is_draining_; }
  bool is_current(time_point now) const noexcept;
  std::optional<health::reason> failure() const noexcept;
  /// For the status page: also why the newest snapshot was of no use to a client.
  std::optional<health::reason> problem() const noexcept;

  /// The answer from what is known. `failure`: why there is no newer snapshot, if a fetch has said.
  health::answer answer(std::string_view container, time_point now, std::optional<health::reason> failure = {}) const;

  /// For the status page: the answer for the configured target, without a fetch. In live mode that is the last fetch's,
  /// whatever its age: a snapshot only ages because no client sends queries, which is no failure.
  health::answer current(time_point now) const;

 private:
  struct read_problem {
    health::reason why;
    bool was_late;  ///< in live mode: the read brought the snapshot, after longer than clients wait
  };

  answer_settings settings_;
  source source_;
  snapshot_ptr snapshot_;
  std::optional<read_problem> problem_;  ///< of the last read
  bool is_draining_ = false;
};

}  // namespace sidecar::pod
