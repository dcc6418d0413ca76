#include "sidecar/app/watch_keeper.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <variant>

#include "sidecar/base/log.hpp"
#include "sidecar/kube/watch_ledger.hpp"
#include "sidecar/net/coro.hpp"

namespace sidecar::app {

namespace asio = boost::asio;
using health::reason;
using manner = kube::watch_end::manner;
using std::chrono::nanoseconds;

namespace {

std::function<double()> any_number() {
  return [engine = std::minstd_rand{std::random_device{}()}]() mutable {
    return std::uniform_real_distribution<>{0, 1}(engine);
  };
}

/// What the checks of a watch wait for; only `time` ends the others.
enum class awaited : std::uint8_t { time, head, first_event, check };

/// One watch; what checks it ends with it.
struct watch_session {
  explicit watch_session(const asio::any_io_executor& executor) : timer(executor) {}

  void accept() {
    accepted = true;
    wake(awaited::head);
  }
  /// A check is due now.
  void hurry() {
    due = true;
    wake(awaited::check);
  }
  void wake(awaited by) {
    if (awaits == by) timer.cancel();
  }
  void end() {
    over = true;
    timer.cancel();
  }

  asio::steady_timer timer;  // what the checks wait for
  awaited awaits = awaited::time;
  bool accepted = false;
  bool due = false;
  bool over = false;
};
using session_ptr = std::shared_ptr<watch_session>;

}  // namespace

struct watch_keeper::state : std::enable_shared_from_this<state> {
  state(asio::any_io_executor on, watch_settings with, kube::pod_watch& from, health_service& of)
      : executor(std::move(on)), settings(std::move(with)), watch(from), health(of), pause_timer(executor) {
    if (!settings.random) settings.random = any_number();
  }

  asio::any_io_executor executor;
  watch_settings settings;
  kube::pod_watch& watch;
  health_service& health;

  asio::steady_timer pause_timer;
  session_ptr session;  // of the watch under way
  kube::watch_ledger ledger;
  int failures = 0;        // in a row
  bool forbidden = false;  // to watch; answers are live meanwhile
  time_point last_look{};  // when a GET was sent that brought an answer
  bool away = false;       // a GET has failed since one was answered
  bool doubting = false;   // the last check failed: the API server may be cut off from what it tells of
  bool anew = false;       // the watch under way began with the pod as it was
  bool renewing = false;   // we end the watch ourselves, and nothing is wrong with it
  bool diverged = false;   // we end the watch since it does not tell what GETs find
  std::size_t divergences = 0;
  bool keeping = false;
  bool stopped = false;

  /// What comes before the next round; nothing: it begins at once.
  using delay = std::optional<nanoseconds>;

  asio::awaitable<void> keep();
  asio::awaitable<delay> round();
  asio::awaitable<bool> begin();
  void begin_from(const kube::observation& seen);
  asio::awaitable<kube::watch_end> watch_for(std::chrono::seconds length);
  delay settle(const kube::watch_end& end, nanoseconds lasted);
  kube::failure cause_of(const kube::watch_end& end) const;
  delay begin_again(nanoseconds at_least);
  void forbid(const kube::failure& why);
  asio::awaitable<void> pause(nanoseconds at_least);

  kube::pod_watch::listener listener(const session_ptr& mine);
  void note(const kube::watch_event& event);

  asio::awaitable<void> check(session_ptr mine);
  asio::awaitable<void> learn_beginning(session_ptr mine);
  bool looked_lately() const;
  nanoseconds until_check() const;
  enum class looked { failed, unverified, counts };
  asio::awaitable<looked> look();
  asio::awaitable<void> look_until_done(session_ptr mine);
  void start_remembering();
  asio::awaitable<void> catch_up(session_ptr mine);
  asio::awaitable<void> sleep(session_ptr mine, nanoseconds time, awaited what = awaited::time);

  nanoseconds between(nanoseconds low, nanoseconds high) const;
};

nanoseconds watch_keeper::state::between(nanoseconds low, nanoseconds high) const {
  return low + std::chrono::duration_cast<nanoseconds>((high - low) * settings.random());
}

/// Until stopped. An exception (no memory) costs a pause; one in the pause itself ends it, for `start` to begin again.
asio::awaitable<void> watch_keeper::state::keep() {
  const auto self = shared_from_this();
  while (!stopped) {
    delay next;
    try {
      next = co_await round();
    } catch (const std::exception& error) {
      log::error("keeping the watch failed; going on", {{"what", error.what()}});
      next = begin_again({});
    }
    if (next && !stopped) co_await pause(*next);
  }
}

/// A GET, and the watches that go on from there one after the other.
asio::awaitable<watch_keeper::state::delay> watch_keeper::state::round() {
  const bool begun = co_await begin();
  if (!begun) co_return begin_again({});
  while (!stopped) {
    const auto length =
        std::chrono::duration_cast<std::chrono::seconds>(between(settings.shortest_watch, settings.longest_watch));
    const auto opened = boottime_clock::now();
    const auto end = co_await watch_for(length);
    const auto lasted = boottime_clock::now() - opened;
    // An end that we asked for, at a time that was drawn, needs no more jitter, and no GET: nothing is missing.
    const bool as_asked = end.how == manner::completed && lasted + std::chrono::seconds{2} > length;
    if (as_asked) failures = 0;
    if (end.how == manner::expired && !anew) {
      ledger.begin_anew();
    } else if (!as_asked && !renewing) {
      co_return settle(end, lasted);
    }
  }
  co_return std::nullopt;
}

/// False if the pod's state cannot be learned, or stopped.
asio::awaitable<bool> watch_keeper::state::begin() {
  if (forbidden) {  // answers are live, and the watch begins with the pod as it is
    ledger.begin();
    co_return true;
  }
  const auto [found, how] = co_await health.look();
  if (stopped) co_return false;
  if (const auto* problem = std::get_if<kube::failure>(&found)) {
    away = true;
    health.set_memory(memory::interrupted, *problem);
    co_return false;
  }
  begin_from(std::get<kube::observation>(found));
  co_return true;
}

/// An API server that was away has been started again, most likely, and refuses to go on from a version as old as a
/// quiet pod's: thousands of sidecars that come back with it ask for that in vain. To go on costs any other server
/// less.
void watch_keeper::state::begin_from(const kube::observation& seen) {
  const bool is_quiet = away && ledger.knows(seen.truth);
  ledger.begin(seen.truth);
  if (is_quiet) ledger.begin_anew();
  last_look = seen.started;
  away = doubting = false;
}

asio::awaitable<kube::watch_end> watch_keeper::state::watch_for(std::chrono::seconds length) {
  auto mine = std::make_shared<watch_session>(executor);
  session = mine;
  renewing = diverged = false;
  anew = ledger.resume_from().empty();
  if (anew) ledger.begin_anew();
  auto to = listener(mine);
  kube::watch_end end;
  try {
    end = co_await watch.watch(ledger.resume_from(), length, std::move(to));
  } catch (...) {  // no memory
    mine->end();
    throw;
  }
  mine->end();
  co_return end;
}

/// What the end of a watch means for the memory, and for the next round.
watch_keeper::state::delay watch_keeper::state::settle(const kube::watch_end& end, nanoseconds lasted) {
  if (stopped) return std::nullopt;
  if (lasted >= settings.sound_watch) failures = 0;
  if (diverged && failures++ == 0) return std::nullopt;
  if (end.how == manner::refused && end.why.why == reason::api_forbidden) {
    forbid(end.why);
  } else if (!forbidden) {
    health.set_memory(memory::interrupted, cause_of(end));
  }
  return begin_again(end.why.retry_after.value_or(std::chrono::seconds::zero()));
}

kube::failure watch_keeper::state::cause_of(const kube::watch_end& end) const {
  if (diverged) return {reason::api_protocol, "the watch does not tell of changes", {}};
  if (end.how == manner::completed) return {reason::api_unreachable, "the API server ended the watch", {}};
  return end.why;
}

watch_keeper::state::delay watch_keeper::state::begin_again(nanoseconds at_least) {
  ++failures;
  return at_least;
}

void watch_keeper::state::forbid(const kube::failure& why) {
  if (std::exchange(forbidden, true)) return;
  settings.tell(false,
                "may not watch the pod, so every answer asks the API server, as with SOURCE=live; grant the service "
                "account the verb watch on pods, or set SOURCE=live",
                why.detail);
  health.set_memory(memory::none);
}

asio::awaitable<void> watch_keeper::state::pause(nanoseconds at_least) {
  const auto longest = forbidden ? settings.longest_forbidden_pause : settings.longest_pause;
  constexpr int most_doublings = 20;
  const auto window = settings.pause * (1U << std::clamp(failures - 1, 0, most_doublings));
  pause_timer.expires_after(at_least + between({}, std::min<nanoseconds>(window, longest)));
  co_await pause_timer.async_wait(net::use_result);
}

kube::pod_watch::listener watch_keeper::state::listener(const session_ptr& mine) {
  return {.sent =
              [self = shared_from_this(), mine] {
                const bool is_known = !self->anew || self->ledger.awaits_first();
                if (!self->forbidden && is_known) self->health.set_memory(memory::opening);
                asio::co_spawn(self->executor, self->check(mine), [self](std::exception_ptr error) {
                  net::log_exception{"the checks of the watch"}(error);
                  if (error) self->watch.stop();  // one that nobody checks is not to be relied on
                });
              },
          .accepted = [mine] { mine->accept(); },
          .told = [self = shared_from_this()](const auto& event) { self->note(event); }};
}

void watch_keeper::state::note(const kube::watch_event& event) {
  const bool is_bookmark = event.what == kube::watch_event::type::bookmark;
  if (!is_bookmark && session) session->wake(awaited::first_event);
  const auto effect = ledger.note(event);
  const bool is_gone = event.what == kube::watch_event::type::deleted;
  const auto delivered = [&]() -> health::pod_truth {
    if (is_gone) return health::no_pod{event.resource_version};
    return event.subject;
  };
  if (effect == kube::watch_ledger::effect::unverified && session) session->hurry();
  if (forbidden) return;  // answers are live, and newer
  if (effect == kube::watch_ledger::effect::unverified) health.remember_if_worse(delivered());
  if (effect == kube::watch_ledger::effect::replaces) health.remember(delivered());
}

/// As long as the watch: whether what is remembered is what there is.
asio::awaitable<void> watch_keeper::state::check(session_ptr mine) {
  const auto self = shared_from_this();
  // A refusal may take its time; without permission nothing else shows that it will not come.
  while (!mine->over && !mine->accepted && forbidden) co_await sleep(mine, settings.check, awaited::head);
  if (!mine->accepted) co_await sleep(mine, settings.head, awaited::head);
  const bool began_blindly = forbidden || anew;  // what it begins with may be older than what is known
  if (began_blindly) co_await learn_beginning(mine);
  if (mine->over) co_return;
  start_remembering();
  if (began_blindly) co_await catch_up(mine);
  while (!mine->over) {
    if (!mine->due) co_await sleep(mine, until_check(), awaited::check);
    co_await look_until_done(mine);
    if (!mine->over) co_await catch_up(mine);
  }
}

/// What a watch without a version begins with may be older than what is known. It needs no GET where one has just shown
/// the same version: no version comes twice, so nothing lies between the two, whichever is older.
asio::awaitable<void> watch_keeper::state::learn_beginning(session_ptr mine) {
  if (ledger.awaits_first() && looked_lately()) co_await sleep(mine, settings.first_event, awaited::first_event);
  if (ledger.began_as_known() && looked_lately()) co_return;
  co_await look_until_done(mine);
}

bool watch_keeper::state::looked_lately() const {
  return !forbidden && !doubting && boottime_clock::now() - last_look < settings.check;
}

/// Counted from the last GET, whatever watch it was of: where one watch follows another there is none in between.
nanoseconds watch_keeper::state::until_check() const {
  const auto due = last_look + between(settings.check * 9 / 10, settings.check * 11 / 10);
  return std::max<nanoseconds>(due - boottime_clock::now(), nanoseconds::zero());
}

asio::awaitable<void> watch_keeper::state::look_until_done(session_ptr mine) {
  mine->due = false;  // what was doubtful until now is answered by this GET as well
  auto again = settings.check_again;
  while (!mine->over) {
    const auto outcome = co_await look();
    if (mine->over) co_return;
    doubting = outcome == looked::failed;
    if (outcome == looked::counts) co_return;
    co_await sleep(mine, between(again, again * 2));
    again = std::min(again * 2, settings.check);
  }
}

void watch_keeper::state::start_remembering() {
  if (std::exchange(forbidden, false)) {
    settings.tell(true, "may watch the pod by now: answers come from memory", {});
  }
  health.set_memory(memory::watching);
}

/// One GET. What `health` has taken in the ledger must know of, or an older event that it waits for would be the truth
/// again.
asio::awaitable<watch_keeper::state::looked> watch_keeper::state::look() {
  const auto [found, how] = co_await health.look();
  const auto* seen = std::get_if<kube::observation>(&found);
  if (seen == nullptr) co_return looked::failed;
  if (how == health_service::standing::unverified) co_return looked::unverified;
  last_look = seen->started;
  if (how == health_service::standing::newest) ledger.note_check(seen->truth);
  co_return looked::counts;
}

/// A watch that does not tell in time what a GET has found has died, or drops events.
asio::awaitable<void> watch_keeper::state::catch_up(session_ptr mine) {
  if (ledger.is_behind()) co_await sleep(mine, settings.catch_up);
  if (mine->over) co_return;
  if (ledger.is_behind()) {
    diverged = true;
    settings.tell(false,
                  "the watch did not tell of a change that the API server had made; answers have been right since a "
                  "check found it, and the watch is begun again",
                  "so far: " + std::to_string(++divergences));
    watch.stop();
  } else if (watch.is_outdated()) {
    renewing = true;
    watch.stop();
  }
}

asio::awaitable<void> watch_keeper::state::sleep(session_ptr mine, nanoseconds time, awaited what) {
  if (mine->over) co_return;
  mine->awaits = what;
  mine->timer.expires_after(time);
  co_await mine->timer.async_wait(net::use_result);
  mine->awaits = awaited::time;
}

watch_keeper::watch_keeper(asio::any_io_executor executor, watch_settings settings, kube::pod_watch& watch,
                           health_service& health)
    : state_(std::make_shared<state>(std::move(executor), std::move(settings), watch, health)) {}

watch_keeper::~watch_keeper() = default;

void watch_keeper::start() {
  if (state_->stopped || std::exchange(state_->keeping, true)) return;
  const auto kept = [self = state_](std::exception_ptr error) {
    self->keeping = false;
    if (error) std::rethrow_exception(error);  // leaves the io_context, whose owner starts again
  };
  try {
    asio::co_spawn(state_->executor, state_->keep(), kept);
  } catch (...) {
    state_->keeping = false;
    throw;
  }
}

void watch_keeper::stop() {
  state_->stopped = true;
  state_->watch.stop();
  if (state_->session) state_->session->end();
  state_->pause_timer.cancel();
}

}  // namespace sidecar::app
