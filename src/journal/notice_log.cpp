#include "sidecar/journal/notice_log.hpp"

namespace sidecar::journal {

using kind = watch::steps::notice::kind;

namespace {

std::string denial_text_for_pod(kind why) {
  if (why == kind::denied) {
    return "may not list and watch the pod; every answer needs an API request, as with SOURCE=live; grant the service "
           "account the verbs list and watch on pods (deploy/components/watch), or set SOURCE=live";
  }
  return "watches end within seconds; every answer needs an API request, as with SOURCE=live; let the proxy in front "
         "of the API server keep idle responses open for 5 minutes, or set SOURCE=live";
}

std::string denial_text_for_node(kind why) {
  if (why == kind::denied) {
    return "may not list and watch pods; every workload stays as it was last known for STALE_GRACE, then it is not "
           "healthy; grant the service account the verbs list and watch on pods (deploy/node)";
  }
  return "watches end within seconds; pods are listed again instead, and answers are up to STALE_GRACE old; let the "
         "proxy in front of the API server keep idle responses open for 5 minutes";
}

}  // namespace

std::optional<log_line> notice_log::note(const watch::steps::notice& given, time_point now) {
  auto line = describe(given, now);
  if (!line) return line;
  line->fields.push_back(about_.field());
  if (!given.detail.empty()) line->fields.push_back({"detail", given.detail});
  return line;
}

std::optional<log_line> notice_log::describe(const watch::steps::notice& given, time_point now) {
  switch (given.what) {
    case kind::missed_event:
      return log_line{log::level::warn, "watch missed a change (found by resync); restarting watch; missed so far: " +
                                            std::to_string(++missed_events_)};
    case kind::denied:
    case kind::watches_cut:
      return note_denial(given.what, now);
    case kind::restored:
      break;
    case kind::watch_ended:
      return log_line{log::level::debug,
                      is_node() ? "watch ended; listing the pods again" : "watch ended; listing the pod again"};
  }
  if (!std::exchange(denial_, std::nullopt)) return std::nullopt;
  return log_line{log::level::info, is_node() ? "pods can be listed and watched again; answering from the watch"
                                              : "the pod can be listed and watched again; answering from the watch"};
}

std::optional<log_line> notice_log::note_denial(kind why, time_point now) {
  constexpr std::chrono::hours again{1};
  if (denial_ && denial_->why == why && now - denial_->logged < again) return std::nullopt;
  denial_ = {why, now};
  return log_line{log::level::warn, is_node() ? denial_text_for_node(why) : denial_text_for_pod(why)};
}

}  // namespace sidecar::journal
