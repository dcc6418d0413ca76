#include "sidecar/config/warnings.hpp"

#include <chrono>

#include "sidecar/config/options.hpp"

namespace sidecar::config {
namespace {

/// How long a gap lasts, and the 25 s: docs/fleet.md, docs/operations.md ("Live or watch").
bool is_down_in_each_gap(const config& settings) {
  return settings.state_override.empty() && settings.source == source_mode::watch &&
         settings.stale_grace == std::chrono::milliseconds::zero();
}

}  // namespace

std::vector<std::string> warnings(const config& settings) {
  if (!is_down_in_each_gap(settings)) return {};
  return {variable_name("STALE_GRACE") + " is 0 with SOURCE=watch: whenever the watch ends, answers are " +
          std::to_string(settings.unhealthy_status) +
          ", for a ready pod too, until the next watch has started: up to 4 s later, longer while attempts fail; write "
          "30s "
          "or more (25s longer than the outage to be covered) or SOURCE=live, unless you want that"};
}

}  // namespace sidecar::config
