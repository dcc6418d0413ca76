#pragma once

#include <bitset>
#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sidecar/health/verdict.hpp"
#include "sidecar/journal/log_line.hpp"
#include "sidecar/journal/log_subject.hpp"

namespace sidecar::journal {

/// An answer that load balancers get from now on.
struct transition {
  health::answer given;
  health::reason cause;                      ///< the verdict's reason, or why the pod's state is unavailable
  std::string detail{};                      ///< for the log; may contain foreign text
  bool has_query = true;                     ///< false: a refresh without a client
  std::optional<std::string> maintenance{};  ///< the value of the pod's maintenance label
  std::string container{};                   ///< named by a path; empty: the configured target
  bool in_target = true;                     ///< the configured target includes that container
};

/// PURE. The log lines for transitions: one line per change, none for a repetition. All changes of the configured
/// target; of a container named by a path its readiness, unless the target's line already covers it. Causes that
/// concern the whole pod or the API server are logged once. The begin of a drain has no line: the shutdown logs it.
class transition_log {
 public:
  /// `stale_grace` is how long an answer is held.
  transition_log(health::unhealthy_statuses statuses, std::chrono::milliseconds stale_grace, log_subject about = {})
      : statuses_(statuses), stale_grace_(stale_grace), about_(std::move(about)) {}

  /// Call after a fetch: first for the configured target, then for containers. A repetition is a line for level debug.
  log_line note(const transition& now);
  /// A maintenance label with another value than "true": a warning, once for each value in a row.
  std::optional<log_line> note_label(const transition& now);

 private:
  std::optional<log_line> note_target(const transition& now);
  std::optional<log_line> note_container(const transition& now);
  bool is_new(const transition& now) const;
  std::string describe(const transition& now) const;
  std::vector<log::field> fields(const transition& now) const;

  health::unhealthy_statuses statuses_;
  std::chrono::milliseconds stale_grace_;
  log_subject about_;
  std::optional<health::answer> last_;
  std::bitset<health::reason_count> logged_causes_;                ///< since answers have been held
  std::optional<std::string> odd_label_;                           ///< the value that was last warned of
  bool target_was_logged_ = false;                                 ///< by the last note of the target
  std::map<std::string, health::reason, std::less<>> containers_;  ///< the last reason of each
};

}  // namespace sidecar::journal
