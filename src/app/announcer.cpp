#include "sidecar/app/announcer.hpp"

#include <string_view>

namespace sidecar::app {

using health::reason;
using health::state;

namespace {

/// What goes on until somebody mends the configuration, whatever else comes and goes meanwhile.
bool needs_mending(reason cause) {
  return cause == reason::api_forbidden || cause == reason::api_unauthorized || cause == reason::api_untrusted;
}

std::string written(std::chrono::milliseconds time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return seconds == time ? std::to_string(seconds.count()) + " s" : std::to_string(time.count()) + " ms";
}

}  // namespace

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
  const auto status = std::to_string(verdict.state == state::healthy ? 200 : unhealthy_status_);
  auto text = "answers " + status;
  if (held) {
    text.append(" (").append(health::name(verdict.reason)).append(") from the last truth, for up to ");
    text.append(written(grace_)).append(" after it, because the pod's state cannot be learned now");
  }
  text.append(": ").append(health::meaning(heard.cause));
  if (const auto what_to_do = health::advice(heard.cause); !what_to_do.empty()) text.append("; ").append(what_to_do);
  return text;
}

}  // namespace sidecar::app
