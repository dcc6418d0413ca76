#include "sidecar/app/transition_report.hpp"

#include <algorithm>
#include <utility>

#include "sidecar/base/ascii.hpp"
#include "sidecar/health/explain.hpp"

namespace sidecar::app {
namespace {

bool is_in_target(const health::target& target, std::string_view container) {
  const auto is_it = [container](const std::string& name) { return equal_ignoring_case(name, container); };
  return target.containers.empty() || std::ranges::any_of(target.containers, is_it);
}

}  // namespace

void transition_report::note_failure(const health::answer& given, health::reason cause, std::string detail,
                                     bool has_query) {
  log_({.given = given, .cause = cause, .detail = std::move(detail), .has_query = has_query});
}

void transition_report::note_late(const health::answer& given, const evaluated_snapshot& late) {
  std::string detail = "the response came after ANSWER_TIMEOUT";
  if (const auto words = health::explain(late.snapshot.state, late.target, late.configured); !words.empty()) {
    detail.append("; ").append(words);
  }
  note_failure(given, health::reason::api_timeout, std::move(detail));
}

void transition_report::note_snapshot(const evaluated_snapshot& fresh, bool has_query,
                                      const std::vector<std::string_view>& queried) {
  log_({.given = {fresh.configured},
        .cause = fresh.configured.reason,
        .detail = health::explain(fresh.snapshot.state, fresh.target, fresh.configured),
        .has_query = has_query});
  for (const auto container : queried) note_queried(fresh, container, has_query);
  for (const auto& container : paths_.known()) log_container(fresh, container, has_query, true);
}

void transition_report::note_container(const evaluated_snapshot& current, std::string_view queried) {
  const auto known = paths_.known().size();
  note_queried(current, queried, true);
  if (paths_.known().size() > known) log_container(current, paths_.known().back(), true, true);
}

/// A name that the pod does not have is logged once; those that it has are logged with each snapshot.
void transition_report::note_queried(const evaluated_snapshot& fresh, std::string_view queried, bool has_query) {
  const auto known = paths_.known().size();
  const auto name = paths_.note(fresh.snapshot.state, queried);
  if (name && paths_.known().size() == known) log_container(fresh, *name, has_query, false);
}

void transition_report::log_container(const evaluated_snapshot& fresh, const std::string& container, bool has_query,
                                      bool is_of_pod) {
  const health::target target{.containers = {container}, .bound_uid = fresh.target.bound_uid};
  const auto found = health::evaluate(fresh.snapshot.state, target);
  log_({.given = {found},
        .cause = found.reason,
        .detail = health::explain(fresh.snapshot.state, target, found),
        .has_query = has_query,
        .container = container,
        .in_target = is_of_pod && is_in_target(fresh.target, container)});
}

void transition_report::note_drain(const health::verdict& now, std::string detail) {
  const bool is_first = !last_drain_;
  if (std::exchange(last_drain_, now) == now || is_first) return;
  log_({.given = {now}, .cause = now.reason, .detail = std::move(detail)});
}

}  // namespace sidecar::app
