#include "sidecar/pod/health_service.hpp"

#include <algorithm>
#include <utility>

#include "sidecar/base/log.hpp"
#include "sidecar/health/explain.hpp"

namespace sidecar::pod {

namespace asio = boost::asio;

using health::reason;
using health::state;
using source = watch::steps::source;

health_service::health_service(const asio::any_io_executor& executor, health_settings settings, kube::pod_source* pods)
    : settings_(std::move(settings)), cache_(settings_.answers), waiters_(executor), report_(settings_.log) {
  if (pods == nullptr) return;
  fetches_.emplace(executor, *pods, cache_, settings_.answers.hold.stale_grace);
  if (settings_.fetches_at_start) fetches_->begin_at_once();
  if (cache_.serving() == source::cache) fetches_->pause();
}

std::optional<health::answer> health_service::answer_now(std::string_view container) {
  if (is_draining() || settings_.answers.override_verdict) return decide(container);
  if (!cache_.is_current(boottime_clock::now())) return std::nullopt;
  if (!container.empty()) report_.note_container(*cache_.snapshot(), container);
  return health::answer{cache_.snapshot()->verdict(container)};
}

asio::awaitable<health::answer> health_service::answer(std::string container) {
  if (const auto known = answer_now(container)) co_return *known;
  if (cache_.serving() == source::cache) {
    const auto held = decide(container);
    if (held.verdict.state != state::unknown) co_return held;
  }
  const auto joined = fetches_->join(boottime_clock::now());
  if (!joined->outcome) co_await waiters_.wait(joined.get(), boottime_clock::now() + wait_time(container), container);
  co_return conclude(*joined, container);
}

/// Short if a fresh answer is unlikely and a held one is available.
std::chrono::nanoseconds health_service::wait_time(std::string_view container) const {
  const bool has_timed_out = cache_.serving() == source::live && cache_.failure() == reason::api_timeout;
  const bool is_at_capacity = waiters_.count() >= settings_.max_waiting &&
                              decide(container, reason::api_timeout).verdict.state != state::unknown;
  const bool is_short = has_timed_out || is_at_capacity;
  return is_short ? std::min(settings_.short_wait, settings_.answer_timeout) : settings_.answer_timeout;
}

health::answer health_service::conclude(const batch& joined, std::string_view container) const {
  if (is_draining() || !joined.outcome) return decide(container);
  if (const auto& fresh = joined.outcome->snapshot) return {fresh->verdict(container)};
  return decide(container, joined.outcome->failure.why);
}

health::answer health_service::decide(std::string_view container, std::optional<reason> failure) const {
  return cache_.answer(container, boottime_clock::now(), failure);
}

asio::awaitable<void> health_service::run() {
  while (fetches_) {
    const auto ended = co_await fetches_->next();
    take(*ended);
  }
}

void health_service::take(const batch& ended) {
  const auto& outcome = *ended.outcome;
  const auto& known = cache_.snapshot();
  // A watch that answers again knows more than a GET that was sent before. A LIST may have answered this batch
  // meanwhile, and an event may have changed what is known since.
  const bool is_watch_newer = cache_.serving() == source::cache && !is_draining();
  const bool is_known = outcome.snapshot && known && outcome.snapshot->snapshot.observed <= known->snapshot.observed;
  if (!is_watch_newer && !is_known) {
    outcome.snapshot ? cache_.store(outcome.snapshot) : cache_.note_failure(outcome.failure.why);
    const auto queried = waiters_.containers(&ended);
    const bool is_too_late = outcome.snapshot && !is_draining() && ended.has_query && queried.empty();
    if (is_too_late) cache_.note_late();
    report(ended, queried, is_too_late);
  }
  waiters_.wake(&ended);
}

/// Logs what clients get for a batch that has its outcome. `queried`: the containers of the queries that wait for it.
/// `is_too_late`: all its queries had timed out before.
void health_service::report(const batch& ended, const std::vector<std::string_view>& queried, bool is_too_late) {
  const auto& [snapshot, failure] = *ended.outcome;
  if (is_draining()) {
    // Without drain fetches the answer does not depend on the target.
    const bool reports_drain = settings_.drain_fetch > std::chrono::nanoseconds::zero();
    if (reports_drain) report_.note_drain(decide({}).verdict, failure.detail);
    return;
  }
  if (!snapshot) return report_.note_failure(decide({}, failure.why), failure, ended.has_query);
  if (is_too_late) return report_.note_late(decide({}, reason::api_timeout), *snapshot);
  report_.note_snapshot(*snapshot, ended.has_query, queried);
}

void health_service::publish(health::snapshot known) {
  cache_.store(cache_.evaluate(std::move(known)));
  answer_waiting();
}

void health_service::publish_if_worse(health::pod_state other) {
  if (cache_.store_if_worse(std::move(other))) answer_waiting();
}

/// Answers the queries that wait for a current snapshot, if there is one.
void health_service::answer_waiting() {
  if (is_draining() || !cache_.is_current(boottime_clock::now())) return;
  auto waiting = fetches_->take_open();
  if (!waiting) return report_.note_snapshot(*cache_.snapshot(), true);
  waiting->outcome.emplace().snapshot = cache_.snapshot();
  report_.note_snapshot(*cache_.snapshot(), true, waiters_.containers(waiting.get()));
  waiters_.wake(waiting.get());
}

void health_service::mark_stale(const watch::steps::mark_stale& given) {
  cache_.note_failure(given.why.why);
  if (!is_draining() && !given.is_gap) report_.note_failure(decide({}, given.why.why), given.why);
}

void health_service::reevaluate() {
  cache_.reevaluate();
  const auto& known = cache_.snapshot();
  if (is_draining() || !known) return;
  const auto problem = cache_.problem();
  if (!problem) return report_.note_snapshot(*known, false);
  auto detail = health::explain(known->snapshot.state, known->target, known->configured);
  report_.note_failure(decide({}, problem), {*problem, std::move(detail)}, false);
}

void health_service::serve(source origin) {
  cache_.serve(origin);
  if (origin == source::cache) return fetches_->pause();
  if (waiters_.count() == 0) fetches_->take_open();  // every query of that batch has had its answer
  fetches_->resume();
}

void health_service::drain() {
  cache_.drain();
  report_.note_drain(decide({}).verdict, {});
  if (fetches_) fetches_->drain(settings_.drain_fetch);
  waiters_.wake_all();
}

}  // namespace sidecar::pod
