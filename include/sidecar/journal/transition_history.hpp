#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "sidecar/health/verdict.hpp"
#include "sidecar/journal/transition_log.hpp"

namespace sidecar::journal {

/// PURE. The last transitions of the configured target, for the status page: kept beside the transition log, which has
/// lines of its own for causes and containers. A transition here is another verdict, or the begin or the end of a hold,
/// whether a client or a refresh saw it first.
class transition_history {
 public:
  using system_time = std::chrono::system_clock::time_point;

  static constexpr std::size_t max_entries = 50;
  /// Of a detail, in bytes: it may repeat what an API server or a proxy sends, which has no limit of its own.
  static constexpr std::size_t max_detail = 256;

  struct entry {
    system_time at;
    health::answer given;
    health::reason cause;  ///< the verdict's reason; during a hold, why the pod's state is unavailable
    std::string detail{};  ///< may contain foreign text
  };

  /// False for a repetition, and for a container that a path names.
  bool is_new(const transition& now) const noexcept;

  /// Call for what is new. `detail` has no token any more.
  void add(entry newest);

  /// Newest first.
  const std::deque<entry>& entries() const noexcept { return entries_; }
  /// Since when the present answer is given; empty before the first.
  std::optional<system_time> since() const noexcept;
  /// The number of times that a verdict followed a different one, since the start.
  std::uint64_t verdict_changes() const noexcept { return verdict_changes_; }

 private:
  std::deque<entry> entries_;
  std::uint64_t verdict_changes_ = 0;
};

}  // namespace sidecar::journal
