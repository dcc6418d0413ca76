#include "sidecar/app/watch_machine.hpp"

#include <algorithm>
#include <utility>

#include "sidecar/kube/resource_version.hpp"

namespace sidecar::app {

using namespace watch_steps;
using kube::version_order;
using manner = kube::watch_end::manner;
using std::chrono::nanoseconds;

namespace {

constexpr int max_short_watches = 5;
constexpr int max_unordered_lists = 3;
constexpr int max_doublings = 20;

health::pod_state state_of(const delivered& event) {
  if (event.what == kube::watch_event::type::deleted) return health::absent_pod{event.resource_version};
  return event.subject;
}

nanoseconds doubled(nanoseconds first, int times, nanoseconds most) {
  return std::min(first * (1U << std::clamp(times, 0, max_doublings)), most);
}

}  // namespace

/// One step: the machine, the time, and the actions so far.
struct watch_machine::visitor {
  watch_machine& self;
  time_point now;
  actions& out;

  template <class Action>
  void then(Action next) {
    out.emplace_back(std::move(next));
  }

  void operator()(const started&) { begin_list(state::listing); }

  void operator()(const stopped&) {
    close_watch();
    self.state_ = state::stopped;
  }

  void operator()(const listed& given) {
    if (self.state_ != state::listing && self.state_ != state::resyncing) return;
    if (const auto* why = std::get_if<kube::failure>(&given.found)) return list_failed(*why);
    self.in_a_row_.failed_resyncs = 0;
    const auto& found = std::get<health::snapshot>(given.found);
    const auto outcome = self.reconcile(found);
    if (outcome == finding::unordered) return list_again(found.state);
    self.in_a_row_.unordered_lists = 0;
    if (self.state_ == state::listing) {
      publish_known();
      return open(given.version);
    }
    if (self.source_ == source::live) restore();
    outcome == finding::changed ? publish_known() : confirm();
    if (given.is_watch_outdated) {
      close_watch();
      return open(given.version);
    }
    if (outcome == finding::changed) return wait(state::catching_up, now + self.times_.catch_up);
    wait_for_resync();
  }

  void operator()(const accepted&) {
    if (self.state_ == state::opening) self.state_ = state::watching;
  }

  void operator()(const delivered& event) {
    if (!self.watch_ || !self.known_ || event.what == kube::watch_event::type::bookmark) return;
    auto state = state_of(event);
    const auto order = kube::compare_states(state, self.known_->pod);
    const bool is_awaited = order == version_order::newer || kube::is_same_state(state, self.known_->pod);
    if (order == version_order::newer) {
      self.known_->pod = std::move(state);
      self.known_->delivered = now;
      publish_known();
    } else if (order == version_order::unknown) {
      self.known_->delivered = now;
      return list_again(state);
    }
    if (self.state_ == state::catching_up && is_awaited) wait_for_resync();
  }

  void operator()(const ended& how) {
    if (!self.watch_) return;
    const auto [opened, length] = *std::exchange(self.watch_, std::nullopt);
    const auto lasted = now - opened;
    auto& in_a_row = self.in_a_row_;
    if (lasted >= self.times_.sound_watch) in_a_row.failures = 0;
    const bool was_answered = self.state_ != state::opening || how.how != manner::lost;
    in_a_row.short_watches = lasted < self.times_.short_watch && was_answered ? in_a_row.short_watches + 1 : 0;
    if (how.how == manner::refused && how.why.why == health::reason::api_forbidden) {
      return deny(notice::kind::denied, how.why);
    }
    if (in_a_row.short_watches >= max_short_watches) return deny(notice::kind::watches_cut, how.why);
    // The server's clock and ours may differ by a little.
    const bool is_as_asked = how.how == manner::completed && lasted + std::chrono::seconds{2} > length;
    if (is_as_asked) in_a_row.failures = 0;
    const bool has_expired_once = how.how == manner::expired && in_a_row.failures++ == 0;
    if (self.state_ == state::resyncing) {
      self.state_ = state::listing;  // the LIST that is under way is the first of the next watch
    } else if (is_as_asked || has_expired_once) {
      begin_list(state::listing);
    } else {
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

  void begin_list(state next) {
    self.state_ = next;
    then(list{});
    sleep_until(time_point::max());
  }

  /// Of states that cannot be ordered the next LIST knows the newest, unless an event comes in between again.
  void list_again(const health::pod_state& other) {
    if (self.source_ == source::cache) then(publish_if_worse{other});
    if (self.state_ == state::listing || ++self.in_a_row_.unordered_lists <= max_unordered_lists) {
      return begin_list(self.watch_ ? state::resyncing : state::listing);
    }
    self.in_a_row_.unordered_lists = 0;
    retry_resync({});
  }

  void list_failed(const kube::failure& why) {
    self.problem_ = why;
    if (why.why == health::reason::api_forbidden) return deny(notice::kind::denied, why);
    note_lapse();
    self.state_ == state::listing ? back_off(why) : retry_resync(why.retry_after.value_or(std::chrono::seconds{0}));
  }

  void note_lapse() {
    if (self.source_ == source::cache && !self.is_current(now)) then(mark_stale{self.problem_});
  }

  void retry_resync(nanoseconds at_least) {
    const auto first = doubled(self.times_.resync_retry, self.in_a_row_.failed_resyncs++, self.times_.resync);
    wait(state::watching, now + at_least + self.jitter(first, first * 2));
  }

  void open(const std::string& version) {
    const auto length =
        std::chrono::duration_cast<std::chrono::seconds>(self.jitter(self.times_.min_watch, self.times_.max_watch));
    self.watch_ = open_watch{now, length};
    then(watch{version, length});
    wait_for_resync();
    self.state_ = state::opening;
  }

  /// While answers are live: until the watch has lasted longer than one that is cut.
  void wait_for_resync() {
    const auto& resync = self.times_.resync;
    const auto due = self.source_ == source::live
                         ? now + self.times_.short_watch
                         : self.known_->confirmed + self.jitter(resync * 9 / 10, resync * 11 / 10);
    wait(state::watching, due);
  }

  void back_off(const kube::failure& why) {
    self.problem_ = why;
    const bool is_live = self.source_ == source::live;
    const auto most = is_live ? self.times_.max_denied_pause : self.times_.max_pause;
    const auto window = doubled(self.times_.pause, self.in_a_row_.failures++, most);
    const auto at_least = why.retry_after.value_or(std::chrono::seconds{0});
    wait(is_live ? state::denied : state::backing_off, now + at_least + self.jitter({}, window));
  }

  void deny(notice::kind what, const kube::failure& why) {
    close_watch();
    if (std::exchange(self.source_, source::live) == source::cache) then(serve{source::live});
    then(notice{what, why.detail});
    back_off(why);
  }

  void restore() {
    self.source_ = source::cache;
    self.in_a_row_ = {};
    then(serve{source::cache});
    then(notice{notice::kind::restored});
    publish_known();
  }

  void publish_known() {
    if (self.source_ == source::cache) then(publish{{self.known_->pod, self.known_->confirmed}});
  }

  void confirm() { then(mark_current{self.known_->confirmed}); }

  void close_watch() {
    if (std::exchange(self.watch_, std::nullopt)) then(close{});
  }

  void wait(state in, time_point due) {
    self.state_ = in;
    sleep_until(due);
  }

  /// The driver wakes the machine when what is known ceases to be current, too.
  void sleep_until(time_point due) {
    self.due_ = due;
    const bool may_lapse = self.known_ && self.source_ == source::cache;
    const auto lapse = may_lapse ? self.known_->confirmed + self.times_.current_for : due;
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

/// A LIST that began after the last event is newer than that, whatever the versions: etcd may have been restored from a
/// backup, and their numbers begin again.
watch_machine::finding watch_machine::reconcile(const health::snapshot& found) {
  const bool is_newest = !known_ || !known_->delivered || *known_->delivered < found.observed;
  const auto order = is_newest ? version_order::newer : kube::compare_states(found.state, known_->pod);
  if (order == version_order::unknown) return finding::unordered;
  if (order != version_order::newer) {
    known_->confirmed = found.observed;
    return finding::confirmed;
  }
  const bool is_as_known = known_ && kube::is_same_state(known_->pod, found.state);
  known_ = knowledge{found.state, found.observed, known_ ? known_->delivered : std::nullopt};
  return is_as_known ? finding::confirmed : finding::changed;
}

bool watch_machine::is_current(time_point now) const { return known_ && now - known_->confirmed <= times_.current_for; }

nanoseconds watch_machine::jitter(nanoseconds low, nanoseconds high) const {
  return low + std::chrono::duration_cast<nanoseconds>((high - low) * random_());
}

}  // namespace sidecar::app
