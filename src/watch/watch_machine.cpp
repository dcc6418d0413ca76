#include "sidecar/watch/watch_machine.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace sidecar::watch {

using namespace steps;
using namespace watch_table;
using order = kube::version_order;
using health::reason;
using std::chrono::nanoseconds;

/// Performs a move: adds its actions and sets the next state.
struct watch_machine::performer {
  watch_machine& self;
  time_point now;
  actions& out;
  std::string version{};    ///< of the LIST that has just succeeded
  kube::failure problem{};  ///< of what has just failed
  failed_call failed = failed_call::watch_unanswered;
  notice::kind obstacle = notice::kind::denied;  ///< of a finding `denied`

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
        return begin_watch();
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
      case move::deny:
        return deny();
      case move::stop:
        close_watch({});
        self.state_ = state::stopped;
        return;
    }
  }

  void list_in(state next) {
    then(list{});
    wait_in(next, time_point::max());
  }

  void begin_watch() {
    close_watch(restart_cause::ca_replaced);
    const auto length =
        std::chrono::duration_cast<std::chrono::seconds>(self.jitter(self.times_.min_watch, self.times_.max_watch));
    self.watch_ = open_watch{.opened = now, .length = length};
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

  /// Answers are live from now on, if there is a live source.
  void deny() {
    close_watch(restart_cause::refused);
    if (!std::exchange(self.obstacle_, obstacle) && self.is_live()) then(serve{source::live});
    then(notice{obstacle, problem.detail});
    mark_stale_now(problem, failed != failed_call::list);
    back_off();
  }

  /// Without a watch no change is delivered, so the last LIST counts as stale at once.
  void mark_stale_now(const kube::failure& why, bool is_gap = false) {
    if (!self.is_live()) then(mark_stale{why, is_gap});
  }

  void note_lapse() {
    if (self.confirmed_ && now - *self.confirmed_ > self.times_.current_for) mark_stale_now(self.problem_);
  }

  nanoseconds min_pause() const { return problem.retry_after.value_or(std::chrono::seconds{0}); }

  /// Sleeps until the state's time is up, or until the last LIST is no longer current, if that is sooner.
  void wait_in(state next, time_point due) {
    self.state_ = next;
    self.due_ = due;
    if (!self.confirmed_ || self.is_live()) return then(sleep{due});
    const auto lapse = *self.confirmed_ + self.times_.current_for;
    then(sleep{lapse > now ? std::min(due, lapse + nanoseconds{1}) : due});
  }
};

/// Reads an input, and publishes the snapshot that it has brought. The result of a LIST or a watch that is not under
/// way is ignored.
struct watch_machine::reader {
  watch_machine& self;
  performer& act;

  finding operator()(const stopped&) { return finding::stopped; }

  /// A LIST that is under way becomes the first of the next watch; the subject repeats it if it was for another object.
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
      return act.problem.why == reason::api_forbidden ? finding::denied : finding::list_failed;
    }
    self.in_a_row_.failed_resyncs = 0;
    self.problem_ = {reason::api_timeout, {}, {}};
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
      // The LIST under way began before this event; its own result leads to another one.
      return self.is_listing() ? finding::nothing : found;
    }
    if (event.order == order::newer) publish_known();
    return event.order == order::older || !event.is_caught_up ? finding::nothing : finding::delivered;
  }

  finding operator()(const ended& end) {
    if (!self.watch_) return finding::nothing;
    const auto ending = read_ending(*std::exchange(self.watch_, std::nullopt), end, self.times_, act.now);
    act.problem = end.why;
    act.failed = ending.was_answered ? failed_call::watch_answered : failed_call::watch_unanswered;
    auto& in_a_row = self.in_a_row_;
    if (ending.was_sound) in_a_row.failures = 0;
    in_a_row.short_watches = ending.was_cut ? in_a_row.short_watches + 1 : 0;
    if (ending.is_denied || in_a_row.short_watches >= max_short_watches) {
      act.obstacle = ending.is_denied ? notice::kind::denied : notice::kind::watches_cut;
      return finding::denied;
    }
    // A 410 is normal once, after a compaction; 410s in a row back off.
    const bool has_expired_once = end.how == kube::watch_end::manner::expired && in_a_row.failures == 0;
    if (has_expired_once) in_a_row.failures = 1;
    // Otherwise a pause follows, since an API server that restarts ends the watches of the whole fleet at once.
    return ending.is_in_time || has_expired_once ? finding::ended : finding::interrupted;
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
