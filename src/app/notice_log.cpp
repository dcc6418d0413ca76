#include "sidecar/app/notice_log.hpp"

namespace sidecar::app {

using kind = watch_steps::notice::kind;

std::optional<log_line> notice_log::note(const watch_steps::notice& given, time_point now) {
  auto line = describe(given, now);
  if (!line) return line;
  line->fields.push_back({"pod", pod_});
  if (!given.detail.empty()) line->fields.push_back({"detail", given.detail});
  return line;
}

std::optional<log_line> notice_log::describe(const watch_steps::notice& given, time_point now) {
  switch (given.what) {
    case kind::missed_event:
      return log_line{log::level::warn, "watch missed a change (found by resync); restarting watch; missed so far: " +
                                            std::to_string(++missed_events_)};
    case kind::denied:
    case kind::watches_cut:
      return note_live(given.what, now);
    case kind::restored:
      break;
    case kind::watch_ended:
      return log_line{log::level::debug, "watch ended; listing the pod again"};
  }
  if (!std::exchange(live_since_, std::nullopt)) return std::nullopt;
  return log_line{log::level::info, "the pod can be listed and watched again; answering from the watch"};
}

std::optional<log_line> notice_log::note_live(kind why, time_point now) {
  constexpr std::chrono::hours again{1};
  if (live_since_ == why && now - logged_ < again) return std::nullopt;
  live_since_ = why;
  logged_ = now;
  if (why == kind::denied) {
    return log_line{log::level::warn,
                    "may not list and watch the pod; every answer needs an API request, as with SOURCE=live; grant the "
                    "service account the verbs list and watch on pods (deploy/components/watch), or set SOURCE=live"};
  }
  return log_line{
      log::level::warn,
      "watches end within seconds; every answer needs an API request, as with SOURCE=live; let the proxy in "
      "front of the API server keep idle responses open for 5 minutes, or set SOURCE=live"};
}

}  // namespace sidecar::app
