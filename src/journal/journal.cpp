#include "sidecar/journal/journal.hpp"

#include <chrono>
#include <utility>

#include "sidecar/base/log.hpp"

namespace sidecar::journal {

journal::journal(const kube::service_account& credentials, transition_log transitions, notice_log notices)
    : credentials_(&credentials), transitions_(std::move(transitions)), notices_(std::move(notices)) {}

void journal::note(const transition& now) {
  if (history_.is_new(now)) {
    auto detail = credentials_ ? credentials_->redact_token(now.detail) : now.detail;
    history_.add({std::chrono::system_clock::now(), now.given, now.cause, std::move(detail)});
  }
  if (!transitions_) return;
  if (auto odd = transitions_->note_label(now)) write(std::move(*odd));
  write(transitions_->note(now));
}

void journal::note(const watch::steps::notice& given, time_point now) {
  if (auto line = notices_.note(given, now)) write(std::move(*line));
}

void journal::write(log_line line) const {
  if (!log::enabled(line.level)) return;
  if (credentials_) {
    for (auto& field : line.fields) field.value = credentials_->redact_token(field.value);
  }
  log::write(line.level, line.message, line.fields);
}

}  // namespace sidecar::journal
