#include "sidecar/app/status_facts.hpp"

#include <algorithm>
#include <utility>

#include "sidecar/kube/target.hpp"
#include "sidecar/kube/token_claims.hpp"

namespace sidecar::app {
namespace {

status::wall_time wall_now() {
  return std::chrono::floor<status::wall_time::duration>(std::chrono::system_clock::now());
}

status::wall_time wall_time_of(journal::transition_history::system_time when) {
  return std::chrono::floor<status::wall_time::duration>(when);
}

}  // namespace

status_facts::status_facts(const status_parts& parts) : parts_(parts), started_(wall_now()) {}

status::answer_facts status_facts::describe_answer(const status::moment& now,
                                                   const status::source_facts& source) const {
  status::answer_facts made{
      .now = parts_.role.current(), .since = started_, .changes = parts_.history.verdict_changes()};
  const auto& past = parts_.history.entries();
  const bool is_noted = past.empty() || past.front().given.verdict.reason == made.now.verdict.reason;
  if (const auto since = parts_.history.since()) made.since = wall_time_of(*since);
  if (is_noted) {
    if (!past.empty()) made.detail = past.front().detail;
  } else if (source.observed) {
    // A hold has ended, which is noted with the next query or read.
    made.since = std::max(made.since, now.at(*source.observed + parts_.settings.stale_grace));
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
  auto source = parts_.role.describe_source();
  const status::moment now{wall_now(), boottime_clock::now(), std::chrono::steady_clock::now()};
  auto answer = describe_answer(now, source);
  return {.now = now,
          .started = started_,
          .statuses = kube::statuses_of(settings),
          .answer = std::move(answer),
          .past = describe_past(),
          .clients = {.counts = &parts_.server.traffic(),
                      .records = parts_.server.clients(),
                      .connections = parts_.server.connections(),
                      .mode = settings.mode},
          .source = std::move(source),
          .expiry = describe_expiry(),
          .configuration = &settings.in_force};
}

}  // namespace sidecar::app
