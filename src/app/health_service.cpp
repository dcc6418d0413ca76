#include "sidecar/app/health_service.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <list>
#include <utility>
#include <variant>

#include "sidecar/base/ascii.hpp"
#include "sidecar/base/log.hpp"
#include "sidecar/health/containers.hpp"
#include "sidecar/health/explain.hpp"
#include "sidecar/health/hold.hpp"
#include "sidecar/kube/resource_version.hpp"
#include "sidecar/net/coro.hpp"
#include "sidecar/net/event.hpp"

namespace sidecar::app {

namespace asio = boost::asio;
using health::answer;
using health::reason;
using health::verdict;

namespace {

/// A refresh more often than this would serve nobody, however short the grace.
constexpr std::chrono::milliseconds shortest_refresh{100};

/// Of how many containers that paths name the log tells: more than a pod has, and few enough for whoever invents names.
constexpr std::size_t most_named_containers = 16;

/// A look ends with its call, which its own deadline sees to: this is for exceptions.
constexpr std::chrono::minutes longest_look{2};

/// A name that the pod does not have, as far as the log repeats it.
std::string_view shown_name(std::string_view name) {
  constexpr std::size_t longest = 64;
  return name.substr(0, longest);
}

/// A truth, and what it means for the configured target: judged once, however many ask.
struct knowledge {
  kube::observation seen;
  std::string bound_uid;  // that our own pod had to have then
  health::verdict configured;
};
using knowledge_ptr = std::shared_ptr<const knowledge>;

/// The questions that one call answers, and the slot it puts its outcome into. Whoever wakes up, for whatever cause,
/// looks into the slot: never at the cause.
struct batch {
  struct outcome {
    knowledge_ptr fresh;  // what its GET brought; null: why it brought nothing:
    reason problem = reason::api_unreachable;
    std::string detail;
    health_service::standing how = health_service::standing::newest;
  };
  std::optional<outcome> result;
  std::size_t waiting = 0;
  bool asked = false;  // somebody asked; a refresh has no questioner
};
using batch_ptr = std::shared_ptr<batch>;

/// One question under way.
struct question {
  question(asio::any_io_executor executor, batch_ptr asked_in, time_point until, std::string_view about)
      : wake(std::move(executor)), in(std::move(asked_in)), deadline(until), container(about) {}

  net::event wake;
  batch_ptr in;
  time_point deadline;
  std::string_view container;  // empty: the configured target
};

/// A question's entry among those that wait, for as long as it does, however that ends.
class waiting_question {
 public:
  waiting_question(std::list<question*>& all, question& asked)
      : all_(all), batch_(*asked.in), place_(all.insert(all.end(), &asked)) {
    ++batch_.waiting;
  }
  ~waiting_question() {
    --batch_.waiting;
    all_.erase(place_);
  }
  waiting_question(const waiting_question&) = delete;
  waiting_question& operator=(const waiting_question&) = delete;

 private:
  std::list<question*>& all_;
  batch& batch_;
  std::list<question*>::iterator place_;
};

/// False again when the coroutine that set it ends, were it by an exception: else nobody would ever call again.
class calling_mark {
 public:
  explicit calling_mark(bool& calling) : calling_(calling) {}
  ~calling_mark() { calling_ = false; }
  calling_mark(const calling_mark&) = delete;
  calling_mark& operator=(const calling_mark&) = delete;

 private:
  bool& calling_;
};

}  // namespace

struct health_service::state : std::enable_shared_from_this<state> {
  state(asio::any_io_executor on, health_settings with, kube::pod_source* from)
      : executor(std::move(on)),
        settings(std::move(with)),
        source(from),
        deadline_timer(executor),
        refresh_timer(executor),
        remembers(settings.begins_with) {}

  asio::any_io_executor executor;
  health_settings settings;
  kube::pod_source* source;
  bool draining = false;

  // Batches. `open` takes questions; null: the next question opens one.
  batch_ptr open;
  bool calling = false;
  bool last_call_timed_out = false;
  std::list<question*> questions;

  // One timer for all questions' deadlines: a timer for each would cost a system call each.
  asio::steady_timer deadline_timer;
  std::optional<time_point> deadline_armed;

  // The newest truth, and what keeps it fresh.
  knowledge_ptr truth;
  std::optional<time_point> last_question;
  time_point last_call{};
  asio::steady_timer refresh_timer;
  bool refresh_armed = false;

  // What a watch makes of the truth, who waits for it to tell, and why it does not.
  memory remembers;
  time_point delivered_at{};  ///< its last event
  batch_ptr untold;
  std::optional<reason> last_problem;

  // Retry-After: no call before, and what questions are told until then.
  time_point not_before{};
  batch::outcome back_off;

  // Containers that paths have named, as the pod spells them, and names that the pod does not have.
  std::vector<std::string> named_containers;
  std::vector<std::string> unknown_names;
  std::optional<verdict> last_leaving;  ///< what the log knows of the drain

  std::optional<answer> at_once(std::string_view container);
  verdict leaving(std::string_view container) const;
  asio::awaitable<answer> ask(time_point now, std::string container);
  asio::awaitable<answer> ask_memory(time_point now, std::string container);
  std::chrono::nanoseconds patience(time_point now, std::string_view container) const;
  bool is_current(time_point now) const;
  bool remembers_now(time_point now) const;
  reason untold_problem() const;
  asio::awaitable<look_result> look();
  void remember(health::pod_truth delivered);
  void remember_if_worse(health::pod_truth delivered);
  bool is_worse(const health::pod_truth& other) const;
  void mark_current(time_point since);
  void set_memory(memory next, const kube::failure& why);
  void go_live();
  void tell();
  answer conclude(const batch& asked_in, std::string_view container, time_point now) const;
  answer held(reason problem, std::string_view container, time_point now) const;
  verdict judge(const knowledge& known, std::string_view container) const;
  health::target configured() const { return {settings.containers, settings.require, settings.bound_uid()}; }

  enum class by { question, ourselves };
  batch_ptr call_soon(by whom);
  void start_calling();
  asio::awaitable<void> run_calls();
  asio::awaitable<void> call_for(batch_ptr current);
  batch::outcome adopt(kube::observation seen);
  batch::outcome fresh_outcome() const;
  batch::outcome learn(kube::fetch_result result);
  batch::outcome compare(kube::observation seen);
  void finish(const batch_ptr& ended, batch::outcome outcome);
  void release(batch& ended) noexcept;
  void wake(const batch& ended);
  void announce(const batch& ended);
  void note_names(const batch& ended);
  bool is_noted(std::string_view container) const;
  void note_name(std::string_view container, const batch& ended);
  void note_late(std::string_view container);
  void note_unknown(std::string_view name, const batch& ended);
  void announce_drain(const batch& ended);
  news news_of(const batch& ended) const;
  news news_of(const std::string& container, const batch& ended) const;

  void arm_deadline(time_point wanted);
  void disarm_deadline();
  void on_deadline();
  std::chrono::nanoseconds refresh_period() const;
  void arm_refresh();
  void on_refresh();
  bool looks_while_draining() const {
    return source != nullptr && settings.look_while_draining > std::chrono::nanoseconds::zero();
  }
  void look_while_draining();
  void drain();
};

std::chrono::nanoseconds health_service::state::patience(time_point now, std::string_view container) const {
  const auto is_known = [&] {
    return held(reason::api_timeout, container, now).verdict.state != health::state::unknown;
  };
  const bool hurries = last_call_timed_out || (questions.size() >= settings.crowd && is_known());
  return hurries ? std::min(settings.timed_out_wait, settings.answer_timeout) : settings.answer_timeout;
}

std::optional<answer> health_service::state::at_once(std::string_view container) {
  if (draining) return answer{leaving(container)};
  if (settings.override_verdict) return answer{*settings.override_verdict};
  if (!remembers_now(boottime_clock::now())) return std::nullopt;
  if (!container.empty() && !is_noted(container)) note_late(container);
  return answer{judge(*truth, container)};
}

bool health_service::state::is_current(time_point now) const {
  return truth && now - truth->seen.started <= settings.memory_lasts;
}

bool health_service::state::remembers_now(time_point now) const {
  const bool watches = remembers == memory::watching || remembers == memory::opening;
  return watches && is_current(now);
}

/// Whether sessions may finish depends on what is known of the target now, or on the override.
verdict health_service::state::leaving(std::string_view container) const {
  auto before = settings.override_verdict;
  const auto grace = std::max(settings.stale_grace, settings.drain_grace);
  const auto now = boottime_clock::now();
  const bool is_known = remembers_now(now) || (truth && now - truth->seen.started <= grace);
  if (!before && is_known) before = judge(*truth, container);
  const bool still_serves = before && (before->state == health::state::healthy || is_drain(before->reason));
  return verdict_of(still_serves ? reason::draining : reason::draining_unready);
}

asio::awaitable<answer> health_service::state::ask(time_point now, std::string container) {
  if (auto known = at_once(container)) co_return *known;
  const auto self = shared_from_this();
  if (remembers != memory::none) co_return co_await ask_memory(now, container);
  last_question = now;
  question asked(executor, call_soon(by::question), now + patience(now, container), container);
  arm_refresh();
  if (!asked.in->result) {
    const waiting_question entry(questions, asked);
    arm_deadline(asked.deadline);
    co_await asked.wake.wait();
  }
  co_return conclude(*asked.in, container, boottime_clock::now());
}

/// Why there is no truth in time. Where questions cause calls, this one's has not ended.
reason health_service::state::untold_problem() const {
  return remembers == memory::none ? reason::api_timeout : last_problem.value_or(reason::api_timeout);
}

/// From the last truth by the hold rule, at once; where that has no answer, from the next truth, if it comes in time.
asio::awaitable<answer> health_service::state::ask_memory(time_point now, std::string container) {
  if (const auto known = held(untold_problem(), container, now); known.verdict.state != health::state::unknown) {
    co_return known;
  }
  if (!untold) untold = std::make_shared<batch>();
  question asked(executor, untold, now + patience(now, container), container);
  const waiting_question entry(questions, asked);
  arm_deadline(asked.deadline);
  co_await asked.wake.wait();
  co_return conclude(*asked.in, container, boottime_clock::now());
}

/// What a question gets: its batch's outcome, else the newest truth as a held one.
answer health_service::state::conclude(const batch& asked_in, std::string_view container, time_point now) const {
  if (draining) return {leaving(container)};
  if (asked_in.result && asked_in.result->fresh) return {judge(*asked_in.result->fresh, container)};
  return held(asked_in.result ? asked_in.result->problem : untold_problem(), container, now);
}

answer health_service::state::held(reason problem, std::string_view container, time_point now) const {
  std::optional<verdict> last;
  if (truth) last = judge(*truth, container);
  return health::hold(problem, last, truth ? truth->seen.started : now, now, settings.stale_grace);
}

verdict health_service::state::judge(const knowledge& known, std::string_view container) const {
  if (container.empty()) return known.configured;
  return health::evaluate_container(known.seen.truth, container, known.bound_uid);
}

/// The batch that whoever wants to know now belongs to, with a call on its way for it.
batch_ptr health_service::state::call_soon(by whom) {
  if (!open) open = std::make_shared<batch>();
  auto joined = open;
  joined->asked |= whom == by::question;
  start_calling();
  return joined;
}

void health_service::state::start_calling() {
  if (calling) return;
  if (boottime_clock::now() < not_before) {
    finish(std::exchange(open, nullptr), back_off);
    return;
  }
  auto calls = run_calls();
  calling = true;
  try {
    asio::co_spawn(executor, std::move(calls), net::log_exception{"the calls to the API server"});
  } catch (...) {  // no memory; who asked hears of it, and the next question tries again
    calling = false;
    throw;
  }
}

/// Runs until nobody waits. A batch runs to its end even when its questioners have left.
asio::awaitable<void> health_service::state::run_calls() {
  const auto self = shared_from_this();
  const calling_mark mark(calling);
  while (open) {
    if (boottime_clock::now() < not_before) {
      finish(std::exchange(open, nullptr), back_off);
      break;
    }
    const auto current = open;
    try {
      co_await call_for(current);
    } catch (const std::exception& error) {  // no memory; the next batch must not wait for ever
      log::error("a call to the API server ended in an exception; going on", {{"what", error.what()}});
    }
    if (open == current) open.reset();
  }
}

asio::awaitable<void> health_service::state::call_for(batch_ptr current) {
  last_call = boottime_clock::now();
  std::function<void()> seal = [this, current] {
    if (open == current) open.reset();
  };
  kube::fetch_result result = kube::failure{reason::api_unreachable, "an error of the sidecar's own", {}};
  try {
    result = co_await source->fetch_pod(seal);
  } catch (const std::exception& error) {
    std::get<kube::failure>(result).detail.append(": ").append(error.what());
  }
  // A call that failed before it was sent has sealed nothing; those who came meanwhile share its failure.
  seal();
  try {
    finish(current, learn(std::move(result)));
  } catch (...) {  // no memory
    release(*current);
    throw;
  }
  if (current->result->fresh) tell();
}

asio::awaitable<health_service::look_result> health_service::state::look() {
  const auto self = shared_from_this();
  question asked(executor, call_soon(by::ourselves), boottime_clock::now() + longest_look, {});
  if (!asked.in->result) {
    const waiting_question entry(questions, asked);
    arm_deadline(asked.deadline);
    co_await asked.wake.wait();
  }
  if (questions.empty()) disarm_deadline();
  const auto& result = asked.in->result;
  if (result && result->fresh) co_return look_result{result->fresh->seen, result->how};
  if (result) co_return look_result{kube::failure{result->problem, result->detail, {}}};
  co_return look_result{kube::failure{reason::draining, {}, {}}};
}

/// Who waits for a truth gets the one there is, if it is current.
void health_service::state::tell() {
  if (untold && is_current(boottime_clock::now())) finish(std::exchange(untold, nullptr), fresh_outcome());
}

void health_service::state::remember(health::pod_truth delivered) {
  if (!truth) return;
  delivered_at = boottime_clock::now();
  adopt({std::move(delivered), truth->seen.started});
  last_problem.reset();
  last_call_timed_out = false;
  if (!untold) untold = std::make_shared<batch>();
  untold->asked = true;
  tell();
}

void health_service::state::remember_if_worse(health::pod_truth delivered) {
  if (truth && is_worse(delivered)) remember(std::move(delivered));
}

bool health_service::state::is_worse(const health::pod_truth& other) const {
  const bool is_good = health::evaluate(other, configured()).state == health::state::healthy;
  return !is_good && truth->configured.state == health::state::healthy;
}

void health_service::state::mark_current(time_point since) {
  if (truth->seen.started >= since) return;
  auto confirmed = *truth;
  confirmed.seen.started = since;
  truth = std::make_shared<const knowledge>(std::move(confirmed));
}

void health_service::state::set_memory(memory next, const kube::failure& why) {
  if (next == memory::opening && remembers == memory::watching) return;  // it goes on without a gap
  const auto before = std::exchange(remembers, next);
  if (before == next || draining) return;
  if (next == memory::opening) return tell();
  if (next == memory::watching) {
    if (truth) remember(truth->seen.truth);
    return;
  }
  if (next == memory::none) return go_live();
  last_problem = why.why;
  batch interrupted;
  interrupted.result = batch::outcome{nullptr, why.why, why.detail};
  interrupted.asked = true;
  if (before == memory::watching || before == memory::opening) announce(interrupted);
}

/// Answers are fresh from now on, so there is nothing to tell of. Who waits for a watch gets what a call brings.
void health_service::state::go_live() {
  if (!untold) return;
  if (!open) open = std::exchange(untold, nullptr);
  call_soon(by::question);
}

/// A call that ends in an exception: whoever waits for it hears of it nevertheless.
void health_service::state::release(batch& ended) noexcept {
  if (ended.result) return;
  ended.result = batch::outcome{nullptr, reason::api_unreachable, {}};
  try {
    wake(ended);
  } catch (const std::exception&) {  // no memory for that either: their deadlines wake them
  }
}

void health_service::state::wake(const batch& ended) {
  for (auto* asked : questions) {
    if (asked->in.get() == &ended) asked->wake.set();
  }
}

batch::outcome health_service::state::adopt(kube::observation seen) {
  const auto target = configured();
  const auto fresh = health::evaluate(seen.truth, target);
  truth = std::make_shared<const knowledge>(knowledge{std::move(seen), target.bound_uid, fresh});
  return {truth, fresh.reason, health::explain(truth->seen.truth, target, fresh)};
}

batch::outcome health_service::state::fresh_outcome() const {
  const auto& fresh = truth->configured;
  return {truth, fresh.reason, health::explain(truth->seen.truth, configured(), fresh)};
}

/// Takes in what a call brought.
batch::outcome health_service::state::learn(kube::fetch_result result) {
  if (auto* seen = std::get_if<kube::observation>(&result)) {
    last_call_timed_out = false;
    last_problem.reset();
    const bool is_newest = settings.begins_with == memory::none || delivered_at < seen->started || !truth;
    return is_newest ? adopt(std::move(*seen)) : compare(std::move(*seen));
  }
  auto& problem = std::get<kube::failure>(result);
  last_call_timed_out = problem.why == reason::api_timeout;
  last_problem = problem.why;
  batch::outcome outcome{nullptr, problem.why, std::move(problem.detail)};
  if (problem.retry_after) {
    not_before = boottime_clock::now() + *problem.retry_after;
    back_off = outcome;
  }
  return outcome;
}

/// Of a call during which the watch has delivered an event: versions decide which of the two is newer.
batch::outcome health_service::state::compare(kube::observation seen) {
  const auto order = kube::compare_versions(kube::version_of(truth->seen.truth), kube::version_of(seen.truth));
  if (order == kube::version_order::older) return adopt(std::move(seen));
  if (order == kube::version_order::unknown) {
    if (is_worse(seen.truth)) adopt({std::move(seen.truth), truth->seen.started});
    auto outcome = fresh_outcome();
    outcome.how = standing::unverified;
    return outcome;
  }
  mark_current(seen.started);
  auto outcome = fresh_outcome();
  outcome.how = standing::overtaken;
  return outcome;
}

void health_service::state::finish(const batch_ptr& ended, batch::outcome outcome) {
  ended->result = std::move(outcome);
  wake(*ended);
  if (!draining) {
    announce(*ended);
  } else if (looks_while_draining()) {
    announce_drain(*ended);
  }
}

void health_service::state::announce(const batch& ended) {
  // Nobody gets anything else for it: the watch goes on.
  if (!ended.result->fresh && remembers_now(boottime_clock::now())) return;
  settings.announce(news_of(ended));
  if (!ended.result->fresh) return;  // a failure is the same for all, and was told of just now
  note_names(ended);
  for (const auto& container : named_containers) settings.announce(news_of(container, ended));
}

/// Of names that the pod has every change is told, of others only that they were asked for, and only of a few: whoever
/// asks could invent any number of them.
void health_service::state::note_names(const batch& ended) {
  for (const auto* asked : questions) {
    if (asked->in.get() == &ended && !asked->container.empty()) note_name(asked->container, ended);
  }
}

bool health_service::state::is_noted(std::string_view container) const {
  const auto* pod = truth ? std::get_if<health::pod>(&truth->seen.truth) : nullptr;
  if (pod == nullptr) return true;
  const auto* one = find_container(*pod, container);
  const auto& known = one == nullptr ? unknown_names : named_containers;
  const auto name = one == nullptr ? shown_name(container) : std::string_view{one->name};
  return known.size() == most_named_containers || std::ranges::count(known, name) > 0;
}

void health_service::state::note_name(std::string_view container, const batch& ended) {
  if (is_noted(container)) return;
  if (const auto* one = find_container(std::get<health::pod>(truth->seen.truth), container)) {
    named_containers.push_back(one->name);
  } else {
    note_unknown(container, ended);
  }
}

/// Of a name that is asked for while nothing is called.
void health_service::state::note_late(std::string_view container) {
  batch asked;
  asked.result = fresh_outcome();
  asked.asked = true;
  const auto before = named_containers.size();
  note_name(container, asked);
  if (named_containers.size() > before) settings.announce(news_of(named_containers.back(), asked));
}

void health_service::state::note_unknown(std::string_view name, const batch& ended) {
  unknown_names.emplace_back(shown_name(name));
  auto heard = news_of(unknown_names.back(), ended);
  heard.in_target = false;  // whatever is said of the target, it is not about a container that there is not
  settings.announce(heard);
}

/// What clients get now that this batch has ended. The log hears of calls' ends alone, not of clients that could not
/// wait for one: what the call came to says more.
news health_service::state::news_of(const batch& ended) const {
  const auto& result = *ended.result;
  const auto now = boottime_clock::now();
  if (!result.fresh) return {held(result.problem, {}, now), result.problem, result.detail, ended.asked};
  const bool too_late = remembers == memory::none && ended.asked && ended.waiting == 0;
  if (!too_late) return {{result.fresh->configured}, result.fresh->configured.reason, result.detail, ended.asked};
  auto detail = std::string{"the answer came, but later than clients may wait (ANSWER_TIMEOUT)"};
  if (!result.detail.empty()) detail.append("; ").append(result.detail);
  return {held(reason::api_timeout, {}, now), reason::api_timeout, std::move(detail)};
}

/// What whoever asks for that container gets of a batch that brought a truth.
news health_service::state::news_of(const std::string& container, const batch& ended) const {
  const auto& known = *ended.result->fresh;
  const health::target target{.containers = {container}, .bound_uid = known.bound_uid};
  const auto found = health::evaluate(known.seen.truth, target);
  const auto is_it = [&](const std::string& name) { return equal_ignoring_case(name, container); };
  return {.given = {found},
          .cause = found.reason,
          .detail = health::explain(known.seen.truth, target, found),
          .somebody_asked = ended.asked,
          .container = container,
          .in_target = settings.containers.empty() || std::ranges::any_of(settings.containers, is_it)};
}

void health_service::state::arm_deadline(time_point wanted) {
  if (deadline_armed && *deadline_armed <= wanted) return;
  deadline_armed.reset();
  deadline_timer.expires_after(std::max(wanted - boottime_clock::now(), boottime_clock::duration::zero()));
  deadline_timer.async_wait([weak = weak_from_this()](boost::system::error_code failed) {
    if (failed) return;
    if (const auto self = weak.lock()) self->on_deadline();
  });
  deadline_armed = wanted;  // only now: where there was no memory for it, the next question tries again
}

void health_service::state::disarm_deadline() {
  deadline_timer.cancel();
  deadline_armed.reset();
}

void health_service::state::on_deadline() {
  deadline_armed.reset();
  const auto now = boottime_clock::now();
  std::optional<time_point> next;
  for (auto* asked : questions) {
    if (asked->wake.is_set()) continue;
    if (asked->deadline <= now) {
      asked->wake.set();
    } else if (!next || asked->deadline < *next) {
      next = asked->deadline;
    }
  }
  if (next) arm_deadline(*next);
}

std::chrono::nanoseconds health_service::state::refresh_period() const {
  return std::max<std::chrono::nanoseconds>(settings.stale_grace / 3, shortest_refresh);
}

void health_service::state::arm_refresh() {
  if (refresh_armed || draining || settings.stale_grace <= std::chrono::nanoseconds::zero()) return;
  const auto due = std::max(last_call + refresh_period(), boottime_clock::now()) - boottime_clock::now();
  refresh_timer.expires_after(std::max<std::chrono::nanoseconds>(due, shortest_refresh));
  refresh_timer.async_wait([weak = weak_from_this()](boost::system::error_code failed) {
    if (failed) return;
    if (const auto self = weak.lock()) self->on_refresh();
  });
  refresh_armed = true;
}

/// Only the hold ever uses what a refresh brings, so that a checker who asks every 30 s finds a truth to hold on to.
void health_service::state::on_refresh() {
  refresh_armed = false;
  const auto now = boottime_clock::now();
  if (draining || remembers != memory::none || now - *last_question > settings.refresh_for) return;
  if (!calling && now >= not_before && now - last_call >= refresh_period()) call_soon(by::ourselves);
  arm_refresh();
}

/// Until the process ends: a target that stops while load balancers let its sessions finish is down.
void health_service::state::look_while_draining() {
  if (!looks_while_draining()) return;
  refresh_timer.expires_after(settings.look_while_draining);
  refresh_timer.async_wait([weak = weak_from_this()](boost::system::error_code failed) {
    if (failed) return;
    if (const auto self = weak.lock()) self->look_while_draining();
  });
  if (!calling) call_soon(by::ourselves);
}

/// To let sessions finish, or not: the one thing that may change by now.
void health_service::state::announce_drain(const batch& ended) {
  const auto now = leaving({});
  if (std::exchange(last_leaving, now) == now) return;
  settings.announce({.given = {now}, .cause = now.reason, .detail = ended.result->detail});
}

void health_service::state::drain() {
  draining = true;
  last_leaving = leaving({});
  open.reset();
  untold.reset();
  for (auto* asked : questions) asked->wake.set();
  look_while_draining();
}

health_service::health_service(asio::any_io_executor executor, health_settings settings, kube::pod_source* source)
    : state_(std::make_shared<state>(std::move(executor), std::move(settings), source)) {}

health_service::~health_service() = default;

std::optional<answer> health_service::at_once(std::string_view container) const { return state_->at_once(container); }

asio::awaitable<answer> health_service::ask(std::string container) {
  return state_->ask(boottime_clock::now(), std::move(container));
}

asio::awaitable<health_service::look_result> health_service::look() { return state_->look(); }

void health_service::remember(health::pod_truth delivered) { state_->remember(std::move(delivered)); }

void health_service::remember_if_worse(health::pod_truth delivered) { state_->remember_if_worse(std::move(delivered)); }

void health_service::set_memory(memory now, const kube::failure& why) { state_->set_memory(now, why); }

void health_service::drain() { state_->drain(); }

}  // namespace sidecar::app
