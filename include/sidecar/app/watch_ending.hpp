#pragma once

#include <chrono>

#include "sidecar/kube/pod_watch.hpp"

namespace sidecar::app {

/// How long a watch lasted, and how long it was to last.
struct watch_duration {
  std::chrono::nanoseconds lasted;
  std::chrono::seconds requested;
  std::chrono::nanoseconds max_short;  ///< one that ended sooner was cut
};

/// What the end of a watch says of the server and of what is in between.
struct watch_ending {
  bool is_as_requested;  ///< the server ended it when its time was over
  bool was_answered;     ///< by the API server or a proxy, with an acceptance or an error
  bool was_cut;          ///< soon after; not by an API server that is busy or does not take the token
};

/// Pure.
inline watch_ending classify_ending(const kube::watch_end& end, bool was_accepted, const watch_duration& time) {
  using manner = kube::watch_end::manner;
  const auto why = end.why.why;
  const bool is_for_now = why == health::reason::api_busy || why == health::reason::api_unauthorized;
  const bool is_refused_for_now = end.how == manner::refused && is_for_now;
  const bool was_answered = was_accepted || end.how != manner::lost;
  // The server's clock and ours may differ by a little.
  constexpr std::chrono::seconds clock_difference{2};
  return {.is_as_requested = end.how == manner::completed && time.lasted + clock_difference > time.requested,
          .was_answered = was_answered,
          .was_cut = was_answered && !is_refused_for_now && time.lasted < time.max_short};
}

}  // namespace sidecar::app
