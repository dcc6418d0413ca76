#pragma once

#include <bitset>
#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "sidecar/health/verdict.hpp"

namespace sidecar::app {

/// What load balancers get from now on.
struct transition {
  health::answer given;
  health::reason cause;     ///< the verdict's own reason, or why the pod's state could not be learned
  std::string detail{};     ///< for the log; may hold foreign text
  bool has_query = true;    ///< false: a refresh, whose success no client sees
  std::string container{};  ///< that a path named; empty: the configured target
  bool in_target = true;    ///< the configured target is about that container too
};

/// A line for an operator at 3 a.m.
struct log_line {
  bool is_good = false;  ///< information; otherwise a warning
  std::string message;   ///< what is answered from now on, why, and what to do about it
};

/// What a load balancer gets for anything but healthy.
struct unhealthy_statuses {
  unsigned down;
  unsigned drain;
};

unsigned status_of(const health::verdict& given, const unhealthy_statuses& statuses) noexcept;

/// Which transitions are worth a line, and in what words: one line a change, none for a repetition. Of the configured
/// target everything; of a container that a path named that it is not ready, and that it is again, where the target's
/// line does not say so already. What concerns the whole pod or the API server is logged once. Pure.
class transition_log {
 public:
  /// `stale_grace` is how long an answer is held.
  transition_log(unhealthy_statuses statuses, std::chrono::milliseconds stale_grace)
      : statuses_(statuses), stale_grace_(stale_grace) {}

  /// After a fetch: first for the configured target, then for containers.
  std::optional<log_line> note(const transition& now);

 private:
  std::optional<log_line> note_target(const transition& now);
  std::optional<log_line> note_container(const transition& now);
  bool is_new(const transition& now) const;
  std::string describe(const transition& now) const;

  unhealthy_statuses statuses_;
  std::chrono::milliseconds stale_grace_;
  std::optional<health::answer> last_;
  std::bitset<health::reason_count> logged_causes_;                ///< since answers are held
  bool target_was_logged_ = false;                                 ///< by the last note about the target
  std::map<std::string, health::reason, std::less<>> containers_;  ///< what each one was last
};

}  // namespace sidecar::app
