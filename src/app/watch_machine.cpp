#include "sidecar/app/watch_machine.hpp"

#include <algorithm>
#include <utility>

#include "sidecar/app/backoff.hpp"
#include "sidecar/app/watch_ending.hpp"

namespace sidecar::app {

using namespace watch_steps;
using order = known_pod::order;
using manner = kube::watch_end::manner;
using std::chrono::nanoseconds;

namespace {

constexpr int max_short_watches = 5;
constexpr int max_unordered_lists = 3;

}  // namespace

/// One step: the machine, the time, and the actions so far.
struct watch_machine::visitor {
  watch_machine& self;
  time_point now;
  actions& out;

  void then(action next) { out.push_back(std::move(next)); }

  void operator()(const started&) { begin_list(state::listing); }
  void operator()(const stopped&) {
    close_watch();
    self.state_ = state::stopped;
  }

  void operator()(const listed& given) {
    if (!is_listing()) return;
    if (const auto* why = std::get_if<kube::failure>(&given.found)) return list_failed(*why);
    self.in_a_row_.failed_resyncs = 0;
    self.problem_ = {health::reason::api_timeout, {}, {}};
    const auto& found = std::get<health::snapshot>(given.found);
    const auto outcome = learn(found);
    if (outcome == order::unknown) {
      publish_worse(found.state);
      return list_again();
    }
    self.in_a_row_.unordered_lists = 0;
    if (self.state_ == state::listing) {
      publish_known();
      return open(given.version);
    }
    self.live_ ? restore() : publish_known();
    if (given.is_watch_outdated) {
      close_watch();
      return open(given.version);
    }
    if (outcome == order::newer) return wait(state::catching_up, now + self.times_.catch_up);
    wait_for_resync();
  }

  void operator()(const accepted&) {
    if (self.watch_) self.watch_->is_accepted = true;
    if (self.state_ != state::opening) return;
    self.state_ = state::watching;
    // Permission is all that was missing; whether a watch is cut shows later.
    if (self.live_ == notice::kind::denied) begin_list(state::resyncing);
  }

  void operator()(const delivered& event) {
    if (!self.watch_ || !self.known_ || event.what == kube::watch_event::type::bookmark) return;
    const auto changed = kube::state_after(event);
    const auto outcome = self.known_->deliver(changed, now);
    if (outcome == order::unknown) {
      publish_worse(changed);
      if (!is_listing()) list_again();  // a LIST under way began before this event, and another one will follow it
      return;
    }
    if (outcome == order::newer) publish_known();
    if (self.state_ == state::catching_up && outcome != order::older) wait_for_resync();
  }

  void operator()(const ended& how) {
    if (!self.watch_) return;
    const auto [opened, length, was_accepted] = *std::exchange(self.watch_, std::nullopt);
    const auto lasted = now - opened;
    const auto ending = classify_ending(how, was_accepted, {lasted, length, self.times_.short_watch});
    auto& in_a_row = self.in_a_row_;
    if (ending.is_as_requested || lasted >= self.times_.sound_watch) in_a_row.failures = 0;
    in_a_row.short_watches = ending.was_cut ? in_a_row.short_watches + 1 : 0;
    if (how.how == manner::refused && how.why.why == health::reason::api_forbidden) {
      return deny(notice::kind::denied, how.why);
    }
    if (in_a_row.short_watches >= max_short_watches) return deny(notice::kind::watches_cut, how.why);
    const bool has_expired_once = how.how == manner::expired && in_a_row.failures++ == 0;
    if (self.state_ == state::resyncing) {
      self.state_ = state::listing;  // the LIST that is under way is the first of the next watch
    } else if (ending.is_as_requested || has_expired_once) {
      begin_list(state::listing);
    } else {
      mark_stale_now(how.why, ending.was_answered);
      back_off(how.why);
    }
  }

  void operator()(const woken&) {
    if (self.known_) note_lapse();
    if (now < self.due_) return sleep_until(self.due_);
    switch (self.state_) {
      case state::backing_off:
      case state::denied:
        return begin_list(state::listing);
      case state::opening:
      case state::watching:
        return begin_list(state::resyncing);
      case state::catching_up:
        then(notice{notice::kind::missed_event});
        close_watch();
        return begin_list(state::listing);
      case state::listing:
      case state::resyncing:
      case state::stopped:
        return;
    }
  }

  order learn(const health::snapshot& listed) {
    if (self.known_) return self.known_->list(listed);
    self.known_.emplace(listed);
    return order::newer;
  }

  void begin_list(state next) {
    self.state_ = next;
    then(list{});
    sleep_until(time_point::max());
  }

  /// Of two states that cannot be ordered the less healthy one stands until a LIST has decided.
  void publish_worse(const health::pod_state& other) {
    if (!self.live_) then(publish_if_worse{other});
  }

  /// The next LIST knows the newest state, unless an event comes in between again.
  void list_again() {
    if (self.watch_ && ++self.in_a_row_.unordered_lists > max_unordered_lists) return retry_resync({});
    begin_list(self.watch_ ? state::resyncing : state::listing);
  }

  void list_failed(const kube::failure& why) {
    self.problem_ = why;
    if (why.why == health::reason::api_forbidden) return deny(notice::kind::denied, why);
    if (self.state_ == state::listing) {
      mark_stale_now(why);
      return back_off(why);
    }
    note_lapse();
    retry_resync(why.retry_after.value_or(std::chrono::seconds{0}));
  }

  /// Without a watch nothing that changes is heard of, however recent the last LIST.
  void mark_stale_now(const kube::failure& why, bool is_gap = false) {
    if (!self.live_) then(mark_stale{why, is_gap});
  }

  void note_lapse() {
    if (now - self.known_->confirmed() > self.times_.current_for) mark_stale_now(self.problem_);
  }

  void retry_resync(nanoseconds at_least) {
    const auto first = doubled(self.times_.resync_retry, self.in_a_row_.failed_resyncs++, self.times_.max_pause / 2);
    wait(open_state(), now + at_least + jitter(first, first * 2));
  }

  void open(const std::string& version) {
    const auto length =
        std::chrono::duration_cast<std::chrono::seconds>(jitter(self.times_.min_watch, self.times_.max_watch));
    self.watch_ = open_watch{.opened = now, .length = length};
    then(watch{version, length});
    wait_for_resync();
  }

  /// While answers are live: until the watch has lasted longer than one that is cut.
  void wait_for_resync() {
    if (self.live_) return wait(open_state(), now + self.times_.short_watch);
    const auto& resync = self.times_.resync;
    wait(open_state(), self.known_->confirmed() + jitter(resync * 9 / 10, resync * 11 / 10));
  }

  bool is_listing() const { return self.state_ == state::listing || self.state_ == state::resyncing; }
  state open_state() const { return self.watch_->is_accepted ? state::watching : state::opening; }

  void back_off(const kube::failure& why) {
    self.problem_ = why;
    const auto max_pause = self.live_ ? self.times_.max_denied_pause : self.times_.max_pause;
    const auto window = doubled(self.times_.pause, self.in_a_row_.failures++, max_pause);
    const auto at_least = why.retry_after.value_or(std::chrono::seconds{0});
    wait(self.live_ ? state::denied : state::backing_off, now + at_least + jitter({}, window));
  }

  void deny(notice::kind what, const kube::failure& why) {
    close_watch();
    if (!std::exchange(self.live_, what)) then(serve{source::live});
    then(notice{what, why.detail});
    back_off(why);
  }

  void restore() {
    self.live_.reset();
    self.in_a_row_ = {};
    then(serve{source::cache});
    then(notice{notice::kind::restored});
    publish_known();
  }

  void publish_known() {
    if (!self.live_) then(publish{self.known_->snapshot()});
  }

  void close_watch() {
    if (std::exchange(self.watch_, std::nullopt)) then(close{});
  }

  nanoseconds jitter(nanoseconds low, nanoseconds high) const { return between(low, high, self.random_()); }

  void wait(state next, time_point due) {
    self.state_ = next;
    sleep_until(due);
  }

  /// The driver wakes the machine when what is known ceases to be current, too.
  void sleep_until(time_point due) {
    self.due_ = due;
    if (!self.known_ || self.live_) return then(sleep{due});
    const auto lapse = self.known_->confirmed() + self.times_.current_for;
    then(sleep{lapse > now ? std::min(due, lapse + nanoseconds{1}) : due});
  }
};

watch_machine::watch_machine(watch_times times, std::function<double()> random)
    : times_(times), random_(std::move(random)) {}

actions watch_machine::step(const input& given, time_point now) {
  actions out;
  if (state_ != state::stopped) std::visit(visitor{*this, now, out}, given);
  return out;
}

}  // namespace sidecar::app
