#include "sidecar/watch/watch_machine.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace sidecar::watch {

using namespace steps;
using namespace watch_table;
using order = kube::version_order;
using manner = kube::watch_end::manner;
using std::chrono::nanoseconds;

/// Performs a move: adds its actions and sets the next state.
struct watch_machine::performer {
  watch_machine& self;
  time_point now;
  actions& out;
  std::string version{};    ///< of the LIST that has just succeeded
  kube::failure problem{};  ///< of what has just failed
  failed_call failed = failed_call::watch_unanswered;

  void then(action next) { out.push_back(std::move(next)); }

  void perform(move what) {
    switch (what) {
      case move::none:
        return;
      case move::list:
        return list_in(state::listing);
      case move::relist:
        then(notice{notice::kind::missed_event});
        close_watch(restart_cause::missed_event);
        return list_in(state::listing);
      case move::keep_list:
        self.state_ = state::listing;
        return;
      case move::open:
        return open_watch();
      case move::watch:
        self.state_ = state::watching;
        // Whether a watch is cut shows later.
        if (self.obstacle_ == notice::kind::denied) list_in(state::resyncing);
        return;
      case move::resync:
        return list_in(state::resyncing);
      case move::order_again:
        return ++self.in_a_row_.unordered_lists > max_unordered_lists ? retry() : list_in(state::resyncing);
      case move::catch_up:
        return wait_in(state::catching_up, now + self.times_.catch_up);
      case move::wait:
        return wait_for_resync();
      case move::retry:
        note_lapse();
        return retry();
      case move::pause:
        mark_stale_now(problem, failed == failed_call::watch_answered);
        return back_off();
    }
  }

  void list_in(state next) {
    then(list{});
    wait_in(next, time_point::max());
  }

  void open_watch() {
    close_watch(restart_cause::ca_replaced);
    const auto length =
        std::chrono::duration_cast<std::chrono::seconds>(self.jitter(self.times_.min_watch, self.times_.max_watch));
    self.watch_ = watch_machine::open_watch{.opened = now, .length = length};
    then(steps::watch{std::move(version), length});
    wait_for_resync();
  }

  void close_watch(std::optional<restart_cause> why) {
    if (std::exchange(self.watch_, std::nullopt)) then(close{why});
  }

  /// After an obstacle: until the watch has lasted longer than one that is cut.
  void wait_for_resync() {
    if (self.obstacle_) return wait_in(self.open_state(), now + self.times_.short_watch);
    const auto& resync = self.times_.resync;
    wait_in(self.open_state(), *self.confirmed_ + self.jitter(resync * 9 / 10, resync * 11 / 10));
  }

  void retry() {
    const auto first =
        watch_times::doubled(self.times_.resync_retry, self.in_a_row_.failed_resyncs++, self.times_.max_pause / 2);
    wait_in(self.open_state(), now + min_pause() + self.jitter(first, first * 2));
  }

  void back_off() {
    self.problem_ = problem;
    const bool lists_alone = self.obstacle_ && !self.times_.has_live_source && failed != failed_call::list;
    if (lists_alone) {  // nothing else answers, and LIST works: it takes the place of the watch
      return wait_in(state::denied, now + min_pause() + self.jitter(self.times_.resync / 3, self.times_.resync / 2));
    }
    const auto max_pause = self.obstacle_ ? self.times_.max_denied_pause : self.times_.max_pause;
    const auto window = watch_times::doubled(self.times_.pause, self.in_a_row_.failures++, max_pause);
    wait_in(self.obstacle_ ? state::denied : state::backing_off, now + min_pause() + self.jitter({}, window));
  }

  /// From now on answers are live, if there is a live source.
  void deny(notice::kind what) {
    close_watch(restart_cause::refused);
    if (!std::exchange(self.obstacle_, what) && self.is_live()) then(serve{source::live});
    then(notice{what, problem.detail});
    mark_stale_now(problem, failed != failed_call::list);
    back_off();
  }

  /// Without a watch nothing that changes is heard of, however recent the last LIST.
  void mark_stale_now(const kube::failure& why, bool is_gap = false) {
    if (!self.is_live()) then(mark_stale{why, is_gap});
  }

  void note_lapse() {
    if (self.confirmed_ && now - *self.confirmed_ > self.times_.current_for) mark_stale_now(self.problem_);
  }

  nanoseconds min_pause() const { return problem.retry_after.value_or(std::chrono::seconds{0}); }

  /// The driver wakes the machine when what is known ceases to be current, too.
  void wait_in(state next, time_point due) {
    self.state_ = next;
    self.due_ = due;
    if (!self.confirmed_ || self.is_live()) return then(sleep{due});
    const auto lapse = *self.confirmed_ + self.times_.current_for;
    then(sleep{lapse > now ? std::min(due, lapse + nanoseconds{1}) : due});
  }
};

/// Reads an input, and publishes what it has brought. What comes of a LIST or a watch that is not under way
/// says nothing.
struct watch_machine::reader {
  watch_machine& self;
  performer& act;

  finding operator()(const stopped&) {
    act.close_watch({});
    self.state_ = state::stopped;
    return finding::nothing;
  }

  /// A LIST that is under way becomes the first of the next watch; its driver asks again for what is wanted now.
  finding operator()(const renewed&) {
    act.close_watch({});
    self.confirmed_.reset();
    self.in_a_row_ = {};
    if (!self.is_listing()) act.then(list{});
    act.wait_in(state::listing, time_point::max());
    return finding::nothing;
  }

  finding operator()(const woken&) {
    act.note_lapse();
    if (act.now >= self.due_) return finding::due;
    act.wait_in(self.state_, self.due_);
    return finding::nothing;
  }

  finding operator()(const listed& given) {
    if (!self.is_listing()) return finding::nothing;
    if (!given.found) {
      self.problem_ = act.problem = given.found.error();
      act.failed = failed_call::list;
      if (act.problem.why != health::reason::api_forbidden) return finding::list_failed;
      act.deny(notice::kind::denied);
      return finding::nothing;
    }
    self.in_a_row_.failed_resyncs = 0;
    self.problem_ = {health::reason::api_timeout, {}, {}};
    const auto& [relation, confirmed] = *given.found;
    self.confirmed_ = confirmed;
    if (relation == order::unknown) return unordered();
    self.in_a_row_.unordered_lists = 0;
    act.version = given.version;
    if (self.obstacle_ && self.state_ == state::resyncing) {  // the watch has lasted
      self.obstacle_.reset();
      self.in_a_row_ = {};
      if (self.times_.has_live_source) act.then(serve{source::cache});
      act.then(notice{notice::kind::restored});
    }
    publish_known();
    if (given.is_watch_outdated) return finding::outdated;
    return relation == order::newer ? finding::list_leads : finding::list_agrees;
  }

  finding operator()(const accepted&) {
    if (self.watch_) self.watch_->is_accepted = true;
    return finding::accepted;
  }

  finding operator()(const delivered& event) {
    if (!self.watch_ || !self.confirmed_) return finding::nothing;
    if (event.order == order::unknown) {
      const auto found = unordered();
      return self.is_listing() ? finding::nothing
                               : found;  // that LIST began before this event; another one will follow it
    }
    if (event.order == order::newer) publish_known();
    return event.order == order::older || !event.is_caught_up ? finding::nothing : finding::delivered;
  }

  finding operator()(const ended& end) {
    if (!self.watch_) return finding::nothing;
    const auto [opened, length, was_accepted] = *std::exchange(self.watch_, std::nullopt);
    const auto lasted = act.now - opened;
    const auto why = end.why.why;
    const bool is_in_time = end.how == manner::completed && lasted + clock_difference > length;
    const bool is_refused = end.how == manner::refused;
    const bool is_for_now = is_refused && (why == health::reason::api_busy || why == health::reason::api_unauthorized);
    act.problem = end.why;
    const bool was_answered = was_accepted || end.how != manner::lost;
    act.failed = was_answered ? failed_call::watch_answered : failed_call::watch_unanswered;
    const bool was_cut = was_answered && !is_for_now && lasted < self.times_.short_watch;
    auto& in_a_row = self.in_a_row_;
    if (is_in_time || lasted >= self.times_.sound_watch) in_a_row.failures = 0;
    in_a_row.short_watches = was_cut ? in_a_row.short_watches + 1 : 0;
    const bool is_denied = is_refused && why == health::reason::api_forbidden;
    if (is_denied || in_a_row.short_watches >= max_short_watches) {
      act.deny(is_denied ? notice::kind::denied : notice::kind::watches_cut);
      return finding::nothing;
    }
    const bool has_expired_once = end.how == manner::expired && in_a_row.failures++ == 0;
    return is_in_time || has_expired_once ? finding::ended : finding::interrupted;
  }

  finding unordered() {
    if (!self.is_live()) act.then(publish_if_worse{});
    return finding::unordered;
  }

  void publish_known() {
    if (!self.is_live()) act.then(publish{});
  }
};

actions watch_machine::step(const input& given, time_point now) {
  actions out;
  if (state_ == state::stopped) return out;
  performer act{*this, now, out};
  const auto found = std::visit(reader{*this, act}, given);
  act.perform(next(state_, found));
  return out;
}

}  // namespace sidecar::watch
