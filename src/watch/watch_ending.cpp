#include "sidecar/watch/watch_ending.hpp"

namespace sidecar::watch {

using health::reason;
using manner = kube::watch_end::manner;

watch_ending read_ending(const open_watch& watch, const kube::watch_end& end, const watch_times& times,
                         time_point now) {
  constexpr std::chrono::seconds clock_difference{2};  // the server's clock and ours differ by less
  const auto lasted = now - watch.opened;
  const bool is_refused = end.how == manner::refused;
  // 429 and 401 pass by themselves: they say nothing about a proxy that cuts watches.
  const bool is_temporary = is_refused && (end.why.why == reason::api_busy || end.why.why == reason::api_unauthorized);
  const bool was_answered = watch.is_accepted || end.how != manner::lost;
  const bool is_in_time = end.how == manner::completed && lasted + clock_difference > watch.length;
  return {.was_answered = was_answered,
          .was_cut = was_answered && !is_temporary && lasted < times.short_watch,
          .was_sound = is_in_time || lasted >= times.sound_watch,
          .is_in_time = is_in_time,
          .is_denied = is_refused && end.why.why == reason::api_forbidden};
}

}  // namespace sidecar::watch
