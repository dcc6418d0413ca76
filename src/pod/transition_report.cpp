#include "sidecar/pod/transition_report.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "sidecar/base/ascii.hpp"
#include "sidecar/health/containers.hpp"
#include "sidecar/health/explain.hpp"

namespace sidecar::pod {
namespace {

/// The limit for names that the pod has, and for others: more than a pod has.
constexpr std::size_t max_names = 16;

bool is_in_target(const health::target& target, std::string_view container) {
  return target.containers.empty() || has_ignoring_case(target.containers, container);
}

std::optional<std::string> maintenance_label(const health::pod_state& current) {
  const auto* subject = std::get_if<health::pod>(&current);
  return subject == nullptr ? std::nullopt : subject->maintenance;
}

}  // namespace

void transition_report::note_failure(const health::answer& given, const kube::failure& why, bool has_query) {
  log_({.given = given, .cause = why.why, .detail = why.detail, .has_query = has_query});
}

void transition_report::note_late(const health::answer& given, const evaluated_snapshot& late) {
  std::string detail = "the response came after ANSWER_TIMEOUT";
  if (const auto words = health::explain(late.snapshot.state, late.target, late.configured); !words.empty()) {
    detail.append("; ").append(words);
  }
  log_({.given = given, .cause = health::reason::api_timeout, .detail = std::move(detail)});
}

void transition_report::note_snapshot(const evaluated_snapshot& fresh, bool has_query,
                                      const std::vector<std::string_view>& queried) {
  log_({.given = {fresh.configured},
        .cause = fresh.configured.reason,
        .detail = health::explain(fresh.snapshot.state, fresh.target, fresh.configured),
        .has_query = has_query,
        .maintenance = maintenance_label(fresh.snapshot.state)});
  for (const auto container : queried) learn(fresh, container, has_query);
  for (const auto& container : containers_) {
    log_container(fresh, container, has_query, is_in_target(fresh.target, container));
  }
}

void transition_report::note_container(const evaluated_snapshot& current, std::string_view queried) {
  if (!learn(current, queried, true)) return;
  log_container(current, containers_.back(), true, is_in_target(current.target, containers_.back()));
}

/// True for a container of the pod that no path has named before. Logs a name that the pod does not have.
bool transition_report::learn(const evaluated_snapshot& current, std::string_view queried, bool has_query) {
  constexpr std::size_t max_logged = 64;  // of a name that the pod does not have
  const auto* there = std::get_if<health::pod>(&current.snapshot.state);
  if (there == nullptr || queried.empty()) return false;
  const auto* found = health::find_container(*there, queried);
  auto& names = found != nullptr ? containers_ : unknown_;
  const auto name = found != nullptr ? std::string_view{found->name} : queried.substr(0, max_logged);
  if (names.size() == max_names || std::ranges::count(names, name) > 0) return false;
  names.emplace_back(name);
  if (found == nullptr) log_container(current, names.back(), has_query, false);
  return found != nullptr;
}

void transition_report::log_container(const evaluated_snapshot& current, const std::string& container, bool has_query,
                                      bool in_target) {
  const health::target target{
      .containers = {container}, .bound_uid = current.target.bound_uid, .node_drain = current.target.node_drain};
  const auto found = health::evaluate(current.snapshot.state, target);
  log_({.given = {found},
        .cause = found.reason,
        .detail = health::explain(current.snapshot.state, target, found),
        .has_query = has_query,
        .container = container,
        .in_target = in_target});
}

void transition_report::note_drain(const health::verdict& now, std::string detail) {
  if (std::exchange(last_drain_, now) == now) return;
  log_({.given = {now}, .cause = now.reason, .detail = std::move(detail)});
}

}  // namespace sidecar::pod
