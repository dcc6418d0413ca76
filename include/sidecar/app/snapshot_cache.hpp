#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "sidecar/app/evaluated_snapshot.hpp"
#include "sidecar/app/watch_steps.hpp"
#include "sidecar/health/answer.hpp"

namespace sidecar::app {

/// PURE. The newest snapshot, and whether it is current: with a watch for `current_for` after the last LIST that
/// confirmed it (by a clock that runs through a suspend); in live mode never, since each query needs a fetch.
class snapshot_cache {
 public:
  using source = watch_steps::source;

  snapshot_cache(source serving, std::chrono::nanoseconds current_for) noexcept
      : serving_(serving), current_for_(current_for) {}

  void store(snapshot_ptr newest);
  /// The snapshot is not current until a newer one is stored or it is marked current.
  void note_failure(health::reason why) noexcept { failure_ = why; }
  void serve(source origin) noexcept { serving_ = origin; }

  const snapshot_ptr& snapshot() const noexcept { return snapshot_; }
  source serving() const noexcept { return serving_; }
  bool is_current(time_point now) const noexcept;

  /// The snapshot's verdict on `container`, and why it is not current. Drain and override are not set.
  health::answer_basis basis(std::string_view container, time_point now) const;

 private:
  source serving_;
  std::chrono::nanoseconds current_for_;
  snapshot_ptr snapshot_;
  std::optional<health::reason> failure_;  ///< of the last read after that snapshot
};

}  // namespace sidecar::app
