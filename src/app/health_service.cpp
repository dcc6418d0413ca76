#include "sidecar/app/health_service.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "sidecar/base/log.hpp"

namespace sidecar::app {

namespace asio = boost::asio;

using health::reason;
using source = snapshot_cache::source;

health_service::health_service(const asio::any_io_executor& executor, health_settings settings, kube::pod_source* pods)
    : settings_(std::move(settings)),
      cache_(settings_.source, settings_.current_for),
      waiters_(executor),
      report_(settings_.log) {
  if (pods != nullptr) fetches_.emplace(executor, *pods, settings_.hold.stale_grace);
}

std::optional<health::answer> health_service::answer_now(std::string_view container) {
  if (is_draining_ || settings_.override_verdict) return decide(container);
  if (!cache_.is_current(boottime_clock::now())) return std::nullopt;
  if (!container.empty()) report_.note_container(*cache_.snapshot(), container);
  return health::answer{cache_.snapshot()->verdict(container)};
}

asio::awaitable<health::answer> health_service::answer(std::string container) {
  if (const auto known = answer_now(container)) co_return *known;
  batch_ptr joined = pending_;
  if (cache_.serving() == source::cache) {
    const auto held = decide(container);
    if (held.verdict.state != health::state::unknown) co_return held;
  } else {
    joined = fetches_->join(boottime_clock::now());
  }
  co_await waiters_.wait(joined, boottime_clock::now() + wait_time(container), container);
  co_return conclude(*joined, container);
}

/// Short if a fresh answer is unlikely and a held one is available.
std::chrono::nanoseconds health_service::wait_time(std::string_view container) const {
  const bool is_at_capacity = waiters_.count() >= settings_.max_waiting &&
                              decide(container, reason::api_timeout).verdict.state != health::state::unknown;
  const bool is_short = has_timed_out_ || is_at_capacity;
  return is_short ? std::min(settings_.short_wait, settings_.answer_timeout) : settings_.answer_timeout;
}

health::answer health_service::conclude(const batch& joined, std::string_view container) const {
  if (is_draining_ || !joined.outcome) return decide(container);
  if (const auto& fresh = joined.outcome->snapshot) return {fresh->verdict(container)};
  return decide(container, joined.outcome->failure);
}

/// The answer from the current state; `failure`: why there is no newer snapshot.
health::answer health_service::decide(std::string_view container, std::optional<reason> failure) const {
  const auto now = boottime_clock::now();
  auto basis = cache_.basis(container, now);
  basis.is_draining = is_draining_;
  basis.override_verdict = settings_.override_verdict;
  if (failure) basis.failure = failure;
  return health::decide(basis, now, settings_.hold);
}

snapshot_ptr health_service::evaluate(health::snapshot taken) const {
  return app::evaluate(std::move(taken), {settings_.containers, settings_.require, settings_.bound_uid()});
}

asio::awaitable<void> health_service::run() {
  while (fetches_) {
    const auto fetched = co_await fetches_->next();
    take(fetched);
  }
}

void health_service::take(const fetch_loop::fetched& fetched) {
  if (!fetched.result) {
    waiters_.wake(*fetched.batch);
    return report(*fetched.batch);
  }
  fetch_outcome outcome;
  std::optional<std::chrono::seconds> retry_after;
  if (const auto* found = std::get_if<health::snapshot>(&*fetched.result)) {
    outcome.snapshot = evaluate(*found);
  } else {
    const auto& problem = std::get<kube::failure>(*fetched.result);
    outcome.failure = problem.why;
    outcome.detail = problem.detail;
    retry_after = problem.retry_after;
  }
  fetches_->finish(fetched.batch, std::move(outcome), retry_after);
  // A watch that answers again knows more than a GET that was sent before.
  const bool is_superseded = cache_.serving() == source::cache && !is_draining_;
  if (!is_superseded) {
    learn(*fetched.batch->outcome);
    report(*fetched.batch);
  }
  waiters_.wake(*fetched.batch);
}

void health_service::learn(const fetch_outcome& outcome) {
  has_timed_out_ = !outcome.snapshot && outcome.failure == reason::api_timeout;
  if (outcome.snapshot) {
    cache_.store(outcome.snapshot);
  } else {
    cache_.note_failure(outcome.failure);
  }
}

/// Logs what clients get for a batch that has its outcome.
void health_service::report(const batch& ended) {
  const auto& outcome = *ended.outcome;
  if (is_draining_) {
    // Without drain fetches the answer does not depend on the target.
    const bool reports_drain = settings_.drain_fetch > std::chrono::nanoseconds::zero();
    if (reports_drain) report_.note_drain(decide({}).verdict, outcome.detail);
    return;
  }
  if (!outcome.snapshot) {
    return report_.note_failure(decide({}, outcome.failure), outcome.failure, outcome.detail, ended.has_query);
  }
  const bool is_too_late = ended.has_query && ended.waiting == 0;
  if (is_too_late) return report_.note_late(decide({}, reason::api_timeout), *outcome.snapshot);
  report_.note_snapshot(*outcome.snapshot, ended.has_query, waiters_.containers(ended));
}

void health_service::publish(health::snapshot known) {
  cache_.store(evaluate(std::move(known)));
  has_timed_out_ = false;
  answer_pending();
}

void health_service::publish_if_worse(health::pod_state other) {
  if (!cache_.snapshot()) return;
  auto taken = evaluate({std::move(other), cache_.snapshot()->snapshot.observed});
  const bool is_worse = taken->configured.state != health::state::healthy;
  if (!is_worse || cache_.snapshot()->configured.state != health::state::healthy) return;
  cache_.store(std::move(taken));
  answer_pending();
}

/// Answers the queries that wait for a current snapshot, if there is one.
void health_service::answer_pending() {
  if (is_draining_ || !cache_.is_current(boottime_clock::now())) return;
  const auto ended = std::exchange(pending_, std::make_shared<batch>());
  ended->outcome.emplace().snapshot = cache_.snapshot();
  report_.note_snapshot(*cache_.snapshot(), true, waiters_.containers(*ended));
  waiters_.wake(*ended);
}

void health_service::mark_stale(const watch_steps::mark_stale& given) {
  const auto& why = given.why;
  cache_.note_failure(why.why);
  if (!is_draining_ && !given.is_gap) report_.note_failure(decide({}, why.why), why.why, why.detail);
}

void health_service::serve(source origin) {
  cache_.serve(origin);
  if (origin == source::cache) return fetches_->stop_refreshing();
  const bool has_queries = pending_->waiting > 0;
  if (has_queries) fetches_->reopen(std::exchange(pending_, std::make_shared<batch>()));
}

void health_service::drain() {
  is_draining_ = true;
  report_.note_drain(decide({}).verdict, {});
  if (fetches_) fetches_->drain(settings_.drain_fetch);
  pending_ = std::make_shared<batch>();
  waiters_.wake_all();
}

void health_service::note_kubelet_probe() {
  if (std::exchange(has_warned_of_kubelet_, true)) return;
  log::warn(
      "a kubelet probe uses a health path: a liveness probe there restarts the container when the pod is not ready, a "
      "readiness probe of a target container keeps the pod unready forever; point the probe at /livez");
}

}  // namespace sidecar::app
