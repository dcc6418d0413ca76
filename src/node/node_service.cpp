#include "sidecar/node/node_service.hpp"

#include <utility>

namespace sidecar::node {

namespace asio = boost::asio;

node_service::node_service(const asio::any_io_executor& executor, node_settings settings, const known_pods& known)
    : settings_(std::move(settings)),
      known_(known),
      conditions_{.hold = settings_.hold},
      workloads_(settings_.statuses),
      waiters_(executor) {}

health::answer node_service::answer_to(const node_query& query) const {
  return answer_of(query, known_, conditions_, boottime_clock::now());
}

/// True where a LIST within ANSWER_TIMEOUT is likely to say more than is known: before the first one, so that an agent
/// that is replaced does not fail a check of every workload of its node, and between two watches if nothing is held.
bool node_service::awaits_list(const node_query& query) const {
  if (is_draining() || query.about == node_query::kind::nothing) return false;
  if (!known_.confirmed()) return !(conditions_.failure && health::needs_operator(*conditions_.failure));
  return is_gap_ && answer_to(query).verdict.state == health::state::unknown;
}

std::optional<health::answer> node_service::answer_now(std::string_view named) {
  const auto query = read_query(named);
  if (awaits_list(query)) return std::nullopt;
  return answer_to(query);
}

asio::awaitable<health::answer> node_service::answer(std::string named) {
  const auto query = read_query(named);
  if (awaits_list(query)) co_await waiters_.wait_until(boottime_clock::now() + settings_.answer_timeout);
  co_return answer_to(query);
}

/// An event may change what is known while no LIST confirms it; then the failure stands.
void node_service::publish() {
  const bool is_confirmed = boottime_clock::now() - *known_.confirmed() <= conditions_.current_for;
  if (is_confirmed) {
    conditions_.failure.reset();
    is_gap_ = false;
  }
  if (is_draining()) return;
  const auto own = current();
  settings_.log({.given = own, .cause = conditions_.failure.value_or(own.verdict.reason)});
  log_workloads();
  if (is_confirmed) waiters_.wake_all();
}

void node_service::log_workloads() {
  for (auto& line : workloads_.note(known_.pods(), conditions_.is_node_leaving))
    settings_.log_workload(std::move(line));
}

void node_service::note_node(bool is_leaving) {
  if (std::exchange(conditions_.is_node_leaving, is_leaving) == is_leaving) return;
  if (!is_draining() && known_.confirmed()) log_workloads();
}

void node_service::mark_stale(const watch::steps::mark_stale& given) {
  conditions_.failure = given.why.why;
  is_gap_ = given.is_gap;
  if (!is_draining() && !given.is_gap) {
    settings_.log({.given = current(), .cause = given.why.why, .detail = given.why.detail});
  }
  if (!awaits_list(read_query("nodez"))) waiters_.wake_all();
}

void node_service::drain() {
  conditions_.is_draining = true;
  const auto own = current();
  settings_.log({.given = own, .cause = own.verdict.reason});
  waiters_.wake_all();
}

}  // namespace sidecar::node
