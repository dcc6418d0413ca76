#pragma once

#include <chrono>

#include "sidecar/base/clock.hpp"
#include "sidecar/kube/watch_end.hpp"
#include "sidecar/watch/watch_times.hpp"

namespace sidecar::watch {

/// A watch since it was requested.
struct open_watch {
  time_point opened;
  std::chrono::seconds length;  ///< as requested
  bool is_accepted = false;
};

/// PURE. What the end of a watch says about it.
struct watch_ending {
  bool was_answered;  ///< by the API server or a proxy
  bool was_cut;       ///< within seconds after that
  bool was_sound;     ///< it lasted long enough to count as no failure
  bool is_in_time;    ///< as requested
  bool is_denied;     ///< 403
};
watch_ending read_ending(const open_watch& watch, const kube::watch_end& end, const watch_times& times, time_point now);

}  // namespace sidecar::watch
