#include "sidecar/app/state_override.hpp"

#include "sidecar/base/ascii.hpp"

namespace sidecar::app {

std::optional<health::verdict> override_of(const config::config& settings) {
  if (settings.state_override.empty()) return std::nullopt;
  return verdict_of(equal_ignoring_case(settings.state_override, "true") ? health::reason::state_override_healthy
                                                                         : health::reason::state_override_unhealthy);
}

unsigned overridden_status(const config::config& settings) {
  return override_of(settings)->state == health::state::healthy ? 200 : settings.unhealthy_status;
}

}  // namespace sidecar::app
