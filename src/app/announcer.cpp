#include "sidecar/app/announcer.hpp"

#include <string_view>

namespace sidecar::app {

using health::state;

std::optional<announcement> announcer::note(const health::answer& given, health::reason cause) {
  const bool held = given.held.has_value();
  if (last_ == given.verdict && last_held_ == held) return std::nullopt;
  last_ = given.verdict;
  last_held_ = held;
  return announcement{given.verdict.state == state::healthy && !held, describe(given, cause)};
}

std::string announcer::describe(const health::answer& given, health::reason cause) const {
  const auto status = std::to_string(given.verdict.state == state::healthy ? 200 : unhealthy_status_);
  auto text = given.held ? "cannot learn the pod's state, so answers stay " + status + " for up to " +
                               std::to_string(grace_.count()) + " s after the last truth: "
                         : "answers " + status + ": ";
  text.append(health::meaning(cause));
  if (const auto what_to_do = health::advice(cause); !what_to_do.empty()) text.append("; ").append(what_to_do);
  return text;
}

}  // namespace sidecar::app
