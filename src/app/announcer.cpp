#include "sidecar/app/announcer.hpp"

#include <string_view>
#include <utility>

namespace sidecar::app {

using health::reason;
using health::state;

namespace {

/// What goes on until somebody mends the configuration, whatever else comes and goes meanwhile.
bool needs_mending(reason cause) {
  return cause == reason::api_forbidden || cause == reason::api_unauthorized || cause == reason::api_untrusted;
}

bool is_about_one_container(reason cause) {
  return cause == reason::container_ready || cause == reason::container_not_ready ||
         cause == reason::container_status_unknown || cause == reason::no_such_container ||
         cause == reason::target_is_init_container || cause == reason::target_is_ephemeral;
}

void append_cause(std::string& text, reason cause) {
  text.append(": ").append(health::meaning(cause));
  if (const auto what_to_do = health::advice(cause); !what_to_do.empty()) text.append("; ").append(what_to_do);
}

std::string written(std::chrono::milliseconds time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return seconds == time ? std::to_string(seconds.count()) + " s" : std::to_string(time.count()) + " ms";
}

}  // namespace

unsigned status_of(health::verdict given, const bad_statuses& bad) noexcept {
  if (given.state == state::healthy) return 200;
  return is_drain(given.reason) ? bad.drain : bad.down;
}

std::optional<announcement> announcer::note(const news& heard) {
  if (!is_new(heard)) return std::nullopt;
  const bool held = heard.given.held.has_value();
  if (!held) told_.reset();
  told_.set(static_cast<std::size_t>(heard.cause));
  last_ = heard.given.verdict;
  last_held_ = held;
  return announcement{heard.given.verdict.state == state::healthy && !held, describe(heard)};
}

bool announcer::is_new(const news& heard) const {
  if (last_ != heard.given.verdict) return true;
  const bool held = heard.given.held.has_value();
  if (held && needs_mending(heard.cause) && !told_.test(static_cast<std::size_t>(heard.cause))) return true;
  // That a hold is over is only true once somebody gets a fresh answer.
  return held != last_held_ && heard.somebody_asked;
}

std::string announcer::describe(const news& heard) const {
  const auto& [verdict, held] = heard.given;
  const auto status = std::to_string(status_of(verdict, bad_));
  auto text = "answers " + status;
  if (held) {
    text.append(" (").append(health::name(verdict.reason)).append(") from the last truth, for up to ");
    text.append(written(grace_)).append(" after it, because the pod's state cannot be learned now");
  }
  append_cause(text, heard.cause);
  return text;
}

std::optional<announcement> announcers::note(const news& heard) {
  if (!heard.container.empty()) return note_container(heard);
  auto said = target_.note(heard);
  target_spoke_ = said.has_value();
  return said;
}

std::optional<announcement> announcers::note_container(const news& heard) {
  if (!is_about_one_container(heard.cause)) return std::nullopt;
  auto& last = containers_.try_emplace(heard.container, reason::container_ready).first->second;
  if (std::exchange(last, heard.cause) == heard.cause) return std::nullopt;
  if (target_spoke_ && heard.in_target) return std::nullopt;
  const bool ready = heard.cause == reason::container_ready;
  auto text =
      "answers " + std::to_string(status_of(heard.given.verdict, bad_)) + " for the container " + heard.container;
  append_cause(text, heard.cause);
  return announcement{ready, std::move(text)};
}

}  // namespace sidecar::app
