#include "sidecar/app/state_override.hpp"

#include <algorithm>
#include <string_view>

namespace sidecar::app {
namespace {

bool equal_ignoring_case(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b; });
}

}  // namespace

std::optional<health::verdict> override_of(const config::config& settings) {
  if (settings.state_override.empty()) return std::nullopt;
  return verdict_of(equal_ignoring_case(settings.state_override, "true") ? health::reason::state_override_healthy
                                                                         : health::reason::state_override_unhealthy);
}

unsigned overridden_status(const config::config& settings) {
  return override_of(settings)->state == health::state::healthy ? 200 : settings.unhealthy_status;
}

}  // namespace sidecar::app
