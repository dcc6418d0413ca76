#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "sidecar/base/clock.hpp"
#include "sidecar/journal/log_line.hpp"
#include "sidecar/journal/log_subject.hpp"
#include "sidecar/watch/steps.hpp"

namespace sidecar::journal {

/// PURE. The log lines for notices of the watch machine: why answers do not come from LIST and WATCH (at the start,
/// then hourly), each missed event with the number so far, and that they do again.
class notice_log {
 public:
  explicit notice_log(log_subject about = {}) : about_(std::move(about)) {}

  std::optional<log_line> note(const watch::steps::notice& given, time_point now);

 private:
  std::optional<log_line> describe(const watch::steps::notice& given, time_point now);
  std::optional<log_line> note_denial(watch::steps::notice::kind why, time_point now);
  bool is_node() const { return about_.mode == config::run_mode::node; }

  /// Why answers do not come from LIST and WATCH, and when a line said so last.
  struct denial {
    watch::steps::notice::kind why;
    time_point logged;
  };

  log_subject about_;
  std::optional<denial> denial_;  ///< empty: LIST and WATCH work
  std::size_t missed_events_ = 0;
};

}  // namespace sidecar::journal
