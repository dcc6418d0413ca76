#pragma once

#include <optional>

#include "sidecar/status/facts.hpp"
#include "sidecar/watch/watch_loop.hpp"

namespace sidecar::app {

/// PURE. A watch for the status page; `is_used`: answers come from what it delivers, if there is one.
inline status::watch_facts describe_watch(const std::optional<watch::watch_loop>& watch, bool is_used) {
  using enum status::watch_state;
  const auto counts = watch ? watch->statistics() : watch::watch_statistics{};
  status::watch_facts made{.state = !watch    ? off
                                    : is_used ? used
                                              : unused,
                           .missed_events = counts.missed_events(),
                           .restarts = {}};
  for (const auto cause : watch::restart_causes) made.restarts.push_back({name(cause), counts.restarts(cause)});
  return made;
}

}  // namespace sidecar::app
