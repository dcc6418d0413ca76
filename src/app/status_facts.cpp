#include "sidecar/app/status_facts.hpp"

#include <algorithm>
#include <utility>

#include "sidecar/kube/token_claims.hpp"

namespace sidecar::app {
namespace {

std::string_view name_of(const config::config& settings, watch_steps::source serving) {
  if (!settings.state_override.empty()) return "override";
  return serving == watch_steps::source::cache ? "watch" : "live";
}

status::wall_time wall_now() {
  return std::chrono::floor<status::wall_time::duration>(std::chrono::system_clock::now());
}

status::wall_time wall_time_of(transition_history::system_time when) {
  return std::chrono::floor<status::wall_time::duration>(when);
}

status::watch_facts describe_watch(const std::optional<watch_loop>& watch, watch_steps::source serving) {
  const auto counts = watch ? watch->statistics() : watch_statistics{};
  status::watch_facts made{.is_on = watch.has_value(),
                           .is_used = watch && serving == watch_steps::source::cache,
                           .missed_events = counts.missed_events(),
                           .restarts = {}};
  for (const auto cause : restart_causes) made.restarts.push_back({name(cause), counts.restarts(cause)});
  return made;
}

}  // namespace

status_facts::status_facts(const status_parts& parts) : parts_(parts), started_(wall_now()) {}

status::source_facts status_facts::describe_source() const {
  const auto& settings = parts_.settings;
  status::source_facts made{.name = name_of(settings, parts_.health.cache().serving()), .calls = parts_.calls};
  made.watch = describe_watch(parts_.watch, parts_.health.cache().serving());
  if (!parts_.calls) return made;
  made.api_server = to_string(*settings.api_server);
  made.failure = parts_.health.cache().problem();
  if (const auto& known = parts_.health.cache().snapshot()) {
    made.pod = &known->snapshot.state;
    made.observed = known->snapshot.observed;
  }
  return made;
}

status::answer_facts status_facts::describe_answer(const status::moment& now) const {
  status::answer_facts made{
      .now = parts_.health.current(), .since = started_, .changes = parts_.history.verdict_changes()};
  const auto& past = parts_.history.entries();
  const bool is_noted = past.empty() || past.front().given.verdict.reason == made.now.verdict.reason;
  if (const auto since = parts_.history.since()) made.since = wall_time_of(*since);
  if (is_noted) {
    if (!past.empty()) made.detail = past.front().detail;
  } else if (const auto& known = parts_.health.cache().snapshot()) {
    // A hold has ended, which is noted with the next query or read.
    made.since = std::max(made.since, now.at(known->snapshot.observed + parts_.settings.stale_grace));
  }
  return made;
}

std::vector<status::past_answer> status_facts::describe_past() const {
  std::vector<status::past_answer> made;
  for (const auto& one : parts_.history.entries()) made.push_back({wall_time_of(one.at), one.given, one.detail});
  return made;
}

status::expiry_facts status_facts::describe_expiry() const {
  status::expiry_facts made;
  if (parts_.credentials) made.token = kube::expiry_of(parts_.credentials->token());
  if (parts_.tls) made.certificate = parts_.tls->expiry();
  return made;
}

status::facts status_facts::collect() const {
  const auto& settings = parts_.settings;
  const status::moment now{wall_now(), boottime_clock::now(), std::chrono::steady_clock::now()};
  return {.now = now,
          .started = started_,
          .statuses = {settings.unhealthy_status, settings.drain_status},
          .answer = describe_answer(now),
          .past = describe_past(),
          .clients = {.counts = &parts_.server.traffic(),
                      .records = parts_.server.clients(),
                      .connections = parts_.server.connections()},
          .source = describe_source(),
          .expiry = describe_expiry(),
          .configuration = &settings.in_force};
}

}  // namespace sidecar::app
