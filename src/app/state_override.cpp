#include "sidecar/app/state_override.hpp"

#include "sidecar/kube/target.hpp"

namespace sidecar::app {

std::optional<health::verdict> override_of(const config::config& settings) {
  if (settings.state_override.empty()) return std::nullopt;
  return health::verdict_of_override(settings.state_override);
}

unsigned overridden_status(const config::config& settings) {
  return status_of(*override_of(settings), kube::statuses_of(settings));
}

}  // namespace sidecar::app
