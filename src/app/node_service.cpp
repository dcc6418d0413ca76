#include "sidecar/app/node_service.hpp"

#include <utility>

namespace sidecar::app {

namespace asio = boost::asio;

node_service::node_service(const asio::any_io_executor& executor, node_settings settings, const known_node& known)
    : settings_(std::move(settings)),
      known_(known),
      conditions_{.hold = settings_.hold},
      workloads_(settings_.statuses),
      waiters_(executor) {}

health::answer node_service::answer_to(std::string_view named) const {
  return answer_of(read_question(named), known_, conditions_, boottime_clock::now());
}

std::optional<health::answer> node_service::answer_now(std::string_view named) {
  const bool has_outcome = known_.confirmed() || conditions_.failure;
  const bool needs_list = read_question(named).about != node_question::kind::nothing;
  if (needs_list && !has_outcome && !is_draining()) return std::nullopt;
  return answer_to(named);
}

/// Waits, so that an agent that is replaced does not fail a check of every workload of its node.
asio::awaitable<health::answer> node_service::answer(std::string named) {
  if (const auto known = answer_now(named)) co_return *known;
  co_await waiters_.wait(first_list_, boottime_clock::now() + settings_.answer_timeout, named);
  co_return answer_to(named);
}

void node_service::publish() {
  conditions_.failure.reset();
  const auto own = current();
  settings_.log({.given = own, .cause = own.verdict.reason});
  for (auto& line : workloads_.note(known_.pods())) settings_.log_workload(std::move(line));
  waiters_.wake_all();
}

void node_service::mark_stale(const watch_steps::mark_stale& given) {
  conditions_.failure = given.why.why;
  if (!is_draining() && !given.is_gap) {
    settings_.log({.given = current(), .cause = given.why.why, .detail = given.why.detail});
  }
  waiters_.wake_all();
}

void node_service::drain() {
  conditions_.is_draining = true;
  const auto own = current();
  settings_.log({.given = own, .cause = own.verdict.reason});
  waiters_.wake_all();
}

}  // namespace sidecar::app
