#include "sidecar/node/node_answer.hpp"

namespace sidecar::node {
namespace {

using health::reason;
using query_kind = node_query::kind;

std::optional<reason> failure_of(const known_pods& known, const node_conditions& conditions, time_point now) {
  if (conditions.failure) return conditions.failure;
  const bool is_current = known.confirmed() && now - *known.confirmed() <= conditions.current_for;
  return is_current ? std::nullopt : std::optional{reason::api_timeout};
}

}  // namespace

node_query read_query(std::string_view named) noexcept {
  const auto first = named.find('/');
  if (first == named.npos) return {named == "nodez" ? query_kind::agent : query_kind::nothing};
  const auto rest = named.substr(first + 1);
  const auto second = rest.find('/');
  node_query query{query_kind::workload, named.substr(0, first), rest.substr(0, second)};
  if (second != rest.npos) query.container = rest.substr(second + 1);
  return query;
}

health::answer answer_of(const node_query& query, const known_pods& known, const node_conditions& conditions,
                         time_point now) {
  if (query.about == query_kind::nothing)
    return {.verdict = health::verdict_of(reason::workload_not_named), .weight = 0};
  health::workload_verdict judged{reason::node_known};
  if (query.about == query_kind::workload) {
    const auto pods = known.workload(query.namespace_name, query.workload);
    judged = judge_workload(pods, query.container, conditions.is_node_leaving);
  }
  // A workload without pods here is down, not draining, whatever the agent does.
  const bool leaves = conditions.is_draining && judged.why != reason::no_pod_on_node;
  health::answer_basis basis{.is_draining = leaves, .failure = failure_of(known, conditions, now)};
  if (known.confirmed()) basis.snapshot = health::known_verdict{health::verdict_of(judged.why), *known.confirmed()};
  auto answer = health::decide(basis, now, conditions.hold);
  if (query.about == query_kind::agent) return answer;
  answer.weight = answer.verdict.state == health::state::healthy ? judged.ready : 0;
  return answer;
}

}  // namespace sidecar::node
