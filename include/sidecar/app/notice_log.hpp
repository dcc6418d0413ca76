#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "sidecar/app/log_line.hpp"
#include "sidecar/app/watch_steps.hpp"
#include "sidecar/base/clock.hpp"

namespace sidecar::app {

/// PURE. The log lines for notices of the watch machine: why answers are live (at the start, then hourly), each missed
/// event with the number so far, and the end of live answers.
class notice_log {
 public:
  explicit notice_log(std::string pod = {}) : pod_(std::move(pod)) {}

  std::optional<log_line> note(const watch_steps::notice& given, time_point now);

 private:
  std::optional<log_line> describe(const watch_steps::notice& given, time_point now);
  std::optional<log_line> note_live(watch_steps::notice::kind why, time_point now);

  std::string pod_;
  std::optional<watch_steps::notice::kind> live_since_;  ///< why answers are live; empty: they are not
  time_point logged_{};                                  ///< the time of the last such line
  std::size_t missed_events_ = 0;
};

}  // namespace sidecar::app
