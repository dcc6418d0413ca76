#include "sidecar/config/warnings.hpp"

#include <chrono>

#include "sidecar/config/options.hpp"
#include "sidecar/config/parse.hpp"

namespace sidecar::config {
namespace {

/// How long a gap lasts, and the 25 s: docs/fleet.md, docs/operations.md ("Live or watch").
bool is_down_in_each_gap(const config& settings) {
  return settings.state_override.empty() && settings.watches() &&
         settings.stale_grace == std::chrono::milliseconds::zero();
}

std::string about_gaps(const config& settings) {
  const bool is_node = settings.mode == run_mode::node;
  return variable_name("STALE_GRACE") + " is 0 with " + (is_node ? "MODE=node" : "SOURCE=watch") +
         ": whenever the watch ends, answers are " + std::to_string(settings.unhealthy_status) +
         ", for a ready pod too, until the next watch has started: up to 4 s later, longer while attempts fail; write "
         "30s or more (25s longer than the outage to be covered)" +
         (is_node ? "" : " or SOURCE=live") + ", unless you want that";
}

std::string about_replacing(const config& settings) {
  return variable_name("DRAIN") + " is " + to_text(settings.drain) +
         " with MODE=node: whenever this agent is replaced, no workload of its node is healthy for that long, though "
         "its pods stay; write 0s, unless you want that";
}

}  // namespace

std::vector<std::string> warnings(const config& settings) {
  std::vector<std::string> found;
  if (is_down_in_each_gap(settings)) found.push_back(about_gaps(settings));
  const bool drains = settings.drain > std::chrono::milliseconds::zero();
  if (settings.mode == run_mode::node && drains) found.push_back(about_replacing(settings));
  return found;
}

}  // namespace sidecar::config
