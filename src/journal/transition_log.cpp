#include "sidecar/journal/transition_log.hpp"

#include <string_view>
#include <utility>

#include "sidecar/config/parse.hpp"

namespace sidecar::journal {

using health::reason;
using health::state;

namespace {

bool is_draining(const health::answer& given) {
  return given.verdict.reason == reason::draining || given.verdict.reason == reason::draining_unready;
}

log::level level_of(bool is_good) { return is_good ? log::level::info : log::level::warn; }

}  // namespace

log_line transition_log::note(const transition& now) {
  const auto line = now.container.empty() ? note_target(now) : note_container(now);
  auto made = line.value_or(log_line{log::level::debug, "as before"});
  made.fields = fields(now);
  return made;
}

std::vector<log::field> transition_log::fields(const transition& now) const {
  std::vector<log::field> made{{"reason", std::string{name(now.cause)}}, about_.field()};
  if (!now.container.empty()) made.push_back({"container", now.container});
  if (now.given.held) made.push_back({"held", std::string{name(now.given.verdict.reason)}});
  if (now.cause == reason::pod_not_found) made.push_back({"pod_name_from", about_.origin});
  if (!now.detail.empty()) made.push_back({"detail", now.detail});
  return made;
}

std::optional<log_line> transition_log::note_target(const transition& now) {
  const bool begins_drain = is_draining(now.given) && !(last_ && is_draining(*last_));
  target_was_logged_ = !begins_drain && is_new(now);
  if (begins_drain) last_ = now.given;
  if (!target_was_logged_) return std::nullopt;
  const bool is_held = now.given.held.has_value();
  if (!is_held) logged_causes_.reset();
  logged_causes_.set(static_cast<std::size_t>(now.cause));
  last_ = now.given;
  return log_line{level_of(now.given.verdict.state == state::healthy && !is_held), describe(now)};
}

std::optional<log_line> transition_log::note_label(const transition& now) {
  const auto& value = now.maintenance;
  if (!value || value == "true" || value == odd_label_) return std::nullopt;
  odd_label_ = value;
  return log_line{
      log::level::warn,
      "the pod's maintenance label has another value than true and changes nothing; set it to true, or remove it",
      {about_.field(), {"value", *value}}};
}

bool transition_log::is_new(const transition& now) const {
  if (!last_ || last_->verdict != now.given.verdict) return true;
  const bool is_held = now.given.held.has_value();
  if (is_held && needs_operator(now.cause) && !logged_causes_.test(static_cast<std::size_t>(now.cause))) return true;
  // A hold ends when a client gets a fresh answer.
  return is_held != last_->held.has_value() && now.has_query;
}

std::string transition_log::describe(const transition& now) const {
  const auto& verdict = now.given.verdict;
  const auto& held = now.given.held;
  const auto status = std::to_string(status_of(verdict, statuses_));
  std::string text;
  if (held) {
    text.append("serving last known state (").append(status).append(" ").append(health::name(verdict.reason));
    text.append(") until it is ").append(config::to_text(stale_grace_)).append(" old, pod state unavailable");
  } else {
    text.append("answering ").append(status);
  }
  text.append(": ").append(health::meaning_and_advice(now.cause));
  return text;
}

std::optional<log_line> transition_log::note_container(const transition& now) {
  if (!is_about_container(now.cause)) return std::nullopt;
  auto& last = containers_.try_emplace(now.container, reason::container_ready).first->second;
  if (std::exchange(last, now.cause) == now.cause) return std::nullopt;
  if (target_was_logged_ && now.in_target) return std::nullopt;
  auto text = "answering " + std::to_string(status_of(now.given.verdict, statuses_)) + " for container " +
              now.container + ": " + health::meaning_and_advice(now.cause);
  return log_line{level_of(now.cause == reason::container_ready), std::move(text)};
}

}  // namespace sidecar::journal
