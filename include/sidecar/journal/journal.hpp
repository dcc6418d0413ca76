#pragma once

#include <optional>

#include "sidecar/base/clock.hpp"
#include "sidecar/journal/log_line.hpp"
#include "sidecar/journal/notice_log.hpp"
#include "sidecar/journal/transition_history.hpp"
#include "sidecar/journal/transition_log.hpp"
#include "sidecar/kube/service_account.hpp"
#include "sidecar/watch/steps.hpp"

namespace sidecar::journal {

/// What operators read: log lines, and the history on the status port. Foreign text may contain the token, which is
/// redacted here.
class journal {
 public:
  /// With STATE_OVERRIDE: a history, and no lines, since nothing changes.
  journal() = default;
  /// `credentials` outlive it.
  journal(const kube::service_account& credentials, transition_log transitions, notice_log notices);

  void note(const transition& now);
  void note(const watch::steps::notice& given, time_point now);
  void write(log_line line) const;

  const transition_history& history() const noexcept { return history_; }

 private:
  const kube::service_account* credentials_ = nullptr;
  std::optional<transition_log> transitions_;
  notice_log notices_;
  transition_history history_;
};

}  // namespace sidecar::journal
