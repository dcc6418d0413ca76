#include "sidecar/app/watch_machine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

namespace sidecar::app {
namespace {

using namespace std::chrono_literals;
using namespace watch_steps;
using health::reason;
using kube::watch_end;
using kube::watch_event;
using manner = watch_end::manner;
using state = watch_machine::state;
using testing::ElementsAre;
using testing::IsEmpty;

health::pod pod_at(const std::string& version, bool ready = true) {
  health::pod made;
  made.resource_version = version;
  made.statuses.push_back({"game", ready});
  return made;
}

std::string text_of(const health::pod_state& pod) {
  if (const auto* absent = std::get_if<health::absent_pod>(&pod)) return "absent@" + absent->resource_version;
  const auto& there = std::get<health::pod>(pod);
  return (there.statuses.front().ready ? "ready@" : "unready@") + there.resource_version;
}

/// An action as a test reads it; times in seconds since the machine began.
struct printer {
  time_point first_moment;

  std::string seconds(time_point when) const {
    if (when == time_point::max()) return "forever";
    auto text = std::to_string(std::chrono::duration<double>(when - first_moment).count());
    text.erase(text.find_last_not_of('0') + 1);
    return text.ends_with('.') ? text.substr(0, text.size() - 1) : text;
  }
  std::string operator()(const list&) const { return "list"; }
  std::string operator()(const watch& one) const {
    return "watch from " + one.version + " for " + std::to_string(one.length.count());
  }
  std::string operator()(const close&) const { return "close"; }
  std::string operator()(const sleep&) const { return ""; }
  std::string operator()(const publish& one) const {
    return "publish " + text_of(one.known.state) + " of " + seconds(one.known.observed);
  }
  std::string operator()(const publish_if_worse& one) const { return "publish if worse " + text_of(one.other); }
  std::string operator()(const mark_stale& one) const {
    return (one.is_gap ? "gap: " : "stale: ") + std::string{name(one.why.why)};
  }
  std::string operator()(const serve& one) const { return one.origin == source::live ? "serve live" : "serve cache"; }
  std::string operator()(const notice& one) const {
    switch (one.what) {
      case notice::kind::missed_event:
        return "notice: missed event";
      case notice::kind::denied:
        return "notice: denied";
      case notice::kind::watches_cut:
        return "notice: watches cut";
      case notice::kind::restored:
        return "notice: restored";
      case notice::kind::watch_ended:
        return "notice: ended";
    }
    return "";
  }
};

constexpr time_point first_moment{24h};

class WatchMachine : public testing::Test {
 protected:
  /// What the machine does now, its sleep apart.
  std::vector<std::string> give(const input& one) {
    std::vector<std::string> done;
    for (const auto& action : machine.step(one, now)) {
      if (const auto* slept = std::get_if<sleep>(&action)) wakes = slept->until;
      auto text = std::visit(printer{first_moment}, action);
      if (!text.empty()) done.push_back(std::move(text));
    }
    return done;
  }

  std::vector<std::string> begin() { return give(started{}); }
  /// A LIST that began `ago`, and a list's version beyond the pod's.
  std::vector<std::string> list_says(health::pod_state pod, std::string version, std::chrono::nanoseconds ago = 0s) {
    return give(listed{health::snapshot{std::move(pod), now - ago}, std::move(version)});
  }
  std::vector<std::string> list_fails(reason why, std::optional<std::chrono::seconds> retry_after = {}) {
    return give(listed{kube::failure{why, "detail", retry_after}});
  }
  std::vector<std::string> changed(health::pod pod) {
    const auto version = pod.resource_version;
    return give(delivered{.what = watch_event::type::changed, .subject = std::move(pod), .resource_version = version});
  }
  std::vector<std::string> deleted(const std::string& version) {
    return give(delivered{.what = watch_event::type::deleted, .resource_version = version});
  }
  std::vector<std::string> bookmark(const std::string& version) {
    return give(delivered{.what = watch_event::type::bookmark, .resource_version = version});
  }
  std::vector<std::string> end(manner how, reason why = reason::api_unreachable) {
    return give(ended{how, kube::failure{why, "detail", {}}});
  }
  std::vector<std::string> wake() {
    now = std::max(now, wakes);
    return give(woken{});
  }

  void watch_from(const std::string& version, bool ready = true) {
    begin();
    list_says(pod_at(version, ready), version);
    give(accepted{});
    ASSERT_EQ(machine.current(), state::watching);
  }
  void resync() {
    wake();
    ASSERT_EQ(machine.current(), state::resyncing);
  }

  double random = 0.5;
  watch_machine machine{watch_times{}, [this] { return random; }};
  time_point now = first_moment;
  time_point wakes = first_moment;
};

TEST_F(WatchMachine, BeginsWithAListAndWatchesFromThere) {
  EXPECT_THAT(begin(), ElementsAre("list"));
  now += 1s;
  EXPECT_THAT(list_says(pod_at("100"), "243", 500ms),
              ElementsAre("publish ready@100 of 0.5", "watch from 243 for 270"));
  EXPECT_EQ(machine.current(), state::opening);
  EXPECT_THAT(give(accepted{}), IsEmpty());
  EXPECT_EQ(machine.current(), state::watching);
}

TEST_F(WatchMachine, AnAbsentPodIsWatchedFromTheListsVersion) {
  begin();
  EXPECT_THAT(list_says(health::absent_pod{"222"}, "222"),
              ElementsAre("publish absent@222 of 0", "watch from 222 for 270"));
  give(accepted{});
  EXPECT_THAT(changed(pod_at("230")), ElementsAre("publish ready@230 of 0"));
}

TEST_F(WatchMachine, AnEventChangesWhatIsKnownAndNotHowFreshItIs) {
  watch_from("100");
  now += 10s;
  EXPECT_THAT(changed(pod_at("101", false)), ElementsAre("publish unready@101 of 0"));
  EXPECT_THAT(deleted("102"), ElementsAre("publish absent@102 of 0"));
  EXPECT_THAT(bookmark("200"), IsEmpty());
  EXPECT_THAT(changed(pod_at("110")), ElementsAre("publish ready@110 of 0"));
}

TEST_F(WatchMachine, AnOldEventChangesNothing) {
  watch_from("100");
  EXPECT_THAT(changed(pod_at("99", false)), IsEmpty());
  EXPECT_THAT(changed(pod_at("100", false)), IsEmpty());
  EXPECT_THAT(deleted("98"), IsEmpty());
}

TEST_F(WatchMachine, AResyncConfirms) {
  watch_from("100");
  EXPECT_EQ(wakes, first_moment + 15s);
  resync();
  now += 1s;
  EXPECT_THAT(list_says(pod_at("100"), "300", 1s), ElementsAre("publish ready@100 of 15"));
  EXPECT_EQ(machine.current(), state::watching);
  EXPECT_EQ(wakes, first_moment + 30s) << "counted from the last LIST's start";
}

TEST_F(WatchMachine, EventReadyAt100WhileTheListSaysNotReadyAt104) {
  watch_from("99");
  resync();
  now += 200ms;
  EXPECT_THAT(changed(pod_at("100")), ElementsAre("publish ready@100 of 0"));
  now += 3ms;
  EXPECT_THAT(list_says(pod_at("104", false), "104", 203ms), ElementsAre("publish unready@104 of 15"));
  EXPECT_EQ(machine.current(), state::catching_up);
  EXPECT_THAT(changed(pod_at("103")), IsEmpty());
  EXPECT_THAT(changed(pod_at("104", false)), IsEmpty());
  EXPECT_EQ(machine.current(), state::watching);
}

TEST_F(WatchMachine, AnEventThatOvertookTheListIsCurrentAsOfTheListsStart) {
  watch_from("100");
  resync();
  EXPECT_THAT(changed(pod_at("105", false)), ElementsAre("publish unready@105 of 0"));
  now += 1s;
  EXPECT_THAT(list_says(pod_at("103"), "103", 1s), ElementsAre("publish unready@105 of 15"));
}

TEST_F(WatchMachine, AListThatBeganAfterTheLastEventIsNewerThoughItsVersionIsSmaller) {
  watch_from("500");
  changed(pod_at("501"));
  resync();
  EXPECT_THAT(list_says(pod_at("7", false), "9"), ElementsAre("publish unready@7 of 15")) << "etcd was restored";
  EXPECT_EQ(machine.current(), state::catching_up);
}

TEST_F(WatchMachine, WhatTheWatchMissedIsFoundByAResyncAndTheWatchBegunAgain) {
  watch_from("100");
  resync();
  EXPECT_THAT(list_says(pod_at("101", false), "101"), ElementsAre("publish unready@101 of 15"));
  EXPECT_EQ(wakes, first_moment + 17s);
  EXPECT_THAT(wake(), ElementsAre("notice: missed event", "close", "list"));
  EXPECT_EQ(machine.current(), state::listing);
  EXPECT_THAT(end(manner::lost), IsEmpty()) << "of the watch that was closed";
  EXPECT_THAT(list_says(pod_at("101", false), "120"),
              ElementsAre("publish unready@101 of 17", "watch from 120 for 270"));
}

TEST_F(WatchMachine, ADeletionThatAListFoundFirstIsDelivered) {
  watch_from("100");
  resync();
  EXPECT_THAT(list_says(health::absent_pod{"243"}, "243"), ElementsAre("publish absent@243 of 15"));
  EXPECT_THAT(changed(pod_at("238")), IsEmpty());
  EXPECT_EQ(machine.current(), state::catching_up);
  EXPECT_THAT(deleted("240"), IsEmpty());
  EXPECT_EQ(machine.current(), state::watching);
}

TEST_F(WatchMachine, AResyncThatFailsIsRepeatedSoonerAndLeavesWhatIsCurrent) {
  watch_from("100");
  resync();
  EXPECT_THAT(list_fails(reason::api_error), IsEmpty());
  EXPECT_EQ(wakes, now + 1500ms);
  EXPECT_THAT(wake(), ElementsAre("list"));
  EXPECT_THAT(list_fails(reason::api_busy, 4s), IsEmpty());
  EXPECT_EQ(wakes, first_moment + 20s + 1ns) << "what is known ceases to be current";
  EXPECT_THAT(wake(), ElementsAre("stale: ApiBusy"));
  EXPECT_EQ(wakes, first_moment + 16500ms + 4s + 3s);
  EXPECT_THAT(wake(), ElementsAre("stale: ApiBusy", "list"));
  EXPECT_THAT(list_says(pod_at("100"), "100"), ElementsAre("publish ready@100 of 23.5"));
}

TEST_F(WatchMachine, BookmarksDoNotConfirm) {
  watch_from("100");
  resync();  // and hangs
  for (int i = 0; i < 4; ++i) {
    now += 1s;
    EXPECT_THAT(bookmark(std::to_string(200 + i)), IsEmpty());
  }
  EXPECT_THAT(wake(), ElementsAre("stale: ApiTimeout"));
  EXPECT_EQ(now, first_moment + 20s + 1ns);
}

TEST_F(WatchMachine, AfterAFreezeNothingIsCurrent) {
  watch_from("100");
  now += 40s;
  EXPECT_THAT(changed(pod_at("140")), ElementsAre("publish ready@140 of 0"));
  EXPECT_THAT(give(woken{}), ElementsAre("stale: ApiTimeout", "list"));
}

TEST_F(WatchMachine, AnEventReplayedAfterARelistIsOld) {
  watch_from("100");
  end(manner::lost);
  wake();
  list_says(pod_at("104", false), "104");
  give(accepted{});
  EXPECT_THAT(changed(pod_at("90")), IsEmpty());
  EXPECT_THAT(changed(pod_at("100")), IsEmpty());
}

TEST_F(WatchMachine, AWatchThatEndsAsAskedIsFollowedByAListAtOnce) {
  watch_from("100");
  now += 269s;
  EXPECT_THAT(end(manner::completed), ElementsAre("list"));
  EXPECT_EQ(machine.current(), state::listing);
}

TEST_F(WatchMachine, AWatchThatBreaksOffIsPausedFor) {
  watch_from("100");
  now += 12s;
  for (const auto pause : {2s, 4s, 4s, 4s}) {
    EXPECT_THAT(end(manner::lost), ElementsAre("gap: ApiUnreachable"));
    EXPECT_EQ(machine.current(), state::backing_off);
    EXPECT_EQ(machine.step(woken{}, now + pause - 1ns).size(), 1U) << "it sleeps on";
    now += pause;
    EXPECT_THAT(give(woken{}), ElementsAre("list"));
    list_says(pod_at("100"), "100");
    give(accepted{});
    now += 12s;
  }
}

TEST_F(WatchMachine, AWatchThatLastedHasNotFailedBefore) {
  watch_from("100");
  for (int i = 0; i < 3; ++i) {
    now += 31s;
    end(manner::lost);
    EXPECT_EQ(machine.current(), state::backing_off);
    now += 2s;
    give(woken{});
    EXPECT_EQ(machine.current(), state::listing) << "as after a first failure";
    list_says(pod_at("100"), "100");
    give(accepted{});
  }
}

TEST_F(WatchMachine, AnExpiredVersionIsListedForAtOnceAndThenPausedFor) {
  watch_from("100");
  EXPECT_THAT(end(manner::expired), ElementsAre("list"));
  list_says(pod_at("100"), "100");
  EXPECT_THAT(end(manner::expired), ElementsAre("gap: ApiUnreachable"));
  EXPECT_EQ(machine.current(), state::backing_off);
}

TEST_F(WatchMachine, AWatchThatEndsWhileAListIsUnderWayIsFollowedByThatList) {
  watch_from("100");
  resync();
  EXPECT_THAT(end(manner::lost), IsEmpty());
  EXPECT_EQ(machine.current(), state::listing);
  EXPECT_THAT(list_says(pod_at("101", false), "101"),
              ElementsAre("publish unready@101 of 15", "watch from 101 for 270"));
}

TEST_F(WatchMachine, AFirstListThatFailsSaysWhyAndIsRepeated) {
  begin();
  EXPECT_THAT(list_fails(reason::api_unreachable), ElementsAre("stale: ApiUnreachable"));
  EXPECT_EQ(machine.current(), state::backing_off);
  EXPECT_EQ(wakes, now + 2s);
  EXPECT_THAT(wake(), ElementsAre("list"));
  EXPECT_THAT(list_fails(reason::api_busy, 5s), ElementsAre("stale: ApiBusy"));
  EXPECT_EQ(wakes, now + 5s + 4s);
}

TEST_F(WatchMachine, PausesAreDrawnFromNothingOn) {
  random = 0;
  begin();
  list_fails(reason::api_unreachable);
  EXPECT_EQ(wakes, now);
}

TEST_F(WatchMachine, AReplacedBundleIsNotReliedOn) {
  watch_from("100");
  resync();
  EXPECT_THAT(give(listed{health::snapshot{pod_at("100"), now}, "250", true}),
              ElementsAre("publish ready@100 of 15", "close", "watch from 250 for 270"));
  EXPECT_EQ(machine.current(), state::opening);
}

TEST_F(WatchMachine, WithoutPermissionToListAnswersAreLive) {
  begin();
  EXPECT_THAT(list_fails(reason::api_forbidden), ElementsAre("serve live", "notice: denied"));
  EXPECT_EQ(machine.current(), state::denied);
}

TEST_F(WatchMachine, WithoutPermissionToWatchAnswersAreLiveUntilItIsGranted) {
  begin();
  list_says(pod_at("100"), "100");
  EXPECT_THAT(end(manner::refused, reason::api_forbidden), ElementsAre("serve live", "notice: denied"));
  EXPECT_EQ(machine.current(), state::denied);
  EXPECT_THAT(wake(), ElementsAre("list"));
  EXPECT_THAT(list_says(pod_at("101"), "101"), ElementsAre("watch from 101 for 270")) << "answers are live, and newer";
  EXPECT_THAT(end(manner::refused, reason::api_forbidden), ElementsAre("notice: denied"));
  EXPECT_THAT(wake(), ElementsAre("list"));
  list_says(pod_at("101"), "101");
  EXPECT_THAT(give(accepted{}), ElementsAre("list"));
  now += 1s;
  EXPECT_THAT(changed(pod_at("105", false)), IsEmpty());
  EXPECT_THAT(list_says(pod_at("104"), "104", 1s),
              testing::Contains("publish unready@105 of " + printer{first_moment}.seconds(now - 1s)))
      << "what the watch delivered meanwhile is newer";
  EXPECT_EQ(machine.current(), state::watching);
}

TEST_F(WatchMachine, DeniedPausesGrowToMinutes) {
  begin();
  std::chrono::nanoseconds last{0};
  for (int i = 0; i < 12; ++i) {
    list_fails(reason::api_forbidden);
    last = wakes - now;
    wake();
  }
  EXPECT_EQ(last, 150s);
}

TEST_F(WatchMachine, AWatchWhoseHeadHasNotComeIsOneThatLastsToo) {
  begin();
  list_fails(reason::api_forbidden);
  wake();
  EXPECT_THAT(list_says(pod_at("100"), "100"), ElementsAre("watch from 100 for 270"));
  EXPECT_THAT(wake(), ElementsAre("list")) << "API servers may send it with the first event";
  EXPECT_THAT(list_says(pod_at("100"), "100"),
              ElementsAre("serve cache", "notice: restored", testing::StartsWith("publish ready@100")));
  EXPECT_EQ(machine.current(), state::opening);
}

TEST_F(WatchMachine, FiveWatchesThatAreCutInARowMakeAnswersLive) {
  begin();
  for (int i = 1; i <= 5; ++i) {
    list_says(pod_at("100"), "100");
    give(accepted{});
    now += 2s;
    const auto done = end(manner::lost);
    if (i < 5) {
      EXPECT_THAT(done, ElementsAre("gap: ApiUnreachable"));
      EXPECT_THAT(wake(), ElementsAre("list"));
    } else {
      EXPECT_THAT(done, ElementsAre("serve live", "notice: watches cut"));
    }
  }
  wake();
  list_says(pod_at("100"), "100");
  const auto opened = now;
  EXPECT_THAT(give(accepted{}), IsEmpty());
  EXPECT_THAT(wake(), ElementsAre("list"));
  EXPECT_EQ(now, opened + 10s) << "it lasts longer than one that is cut";
  EXPECT_THAT(list_says(pod_at("100"), "100"),
              ElementsAre("serve cache", "notice: restored", testing::StartsWith("publish ready@100")));
}

TEST_F(WatchMachine, AWatchThatABusyApiServerRefusesWasNotCut) {
  begin();
  for (const auto why : {reason::api_busy, reason::api_unauthorized}) {
    for (int i = 0; i < 8; ++i) {
      list_says(pod_at("100"), "100");
      EXPECT_THAT(end(manner::refused, why), ElementsAre("gap: " + std::string{name(why)}));
      wake();
    }
  }
}

TEST_F(WatchMachine, AWatchThatNobodyAnsweredWasNotCut) {
  begin();
  for (int i = 0; i < 8; ++i) {
    list_says(pod_at("100"), "100");
    EXPECT_THAT(end(manner::lost), ElementsAre("stale: ApiUnreachable"));
    wake();
  }
}

TEST_F(WatchMachine, StatesThatCannotBeOrderedAreListedForThreeTimesInARowAndThenNowAndThen) {
  watch_from("a");
  EXPECT_THAT(changed(pod_at("b", false)), ElementsAre("publish if worse unready@b", "list"));
  for (int lists = 1; lists <= 3; ++lists) {
    now += 1s;
    EXPECT_THAT(changed(pod_at("c")), ElementsAre("publish if worse ready@c")) << "a LIST is under way";
    const auto done = list_says(pod_at("d", false), "d", 1s);
    EXPECT_THAT(done.front(), "publish if worse unready@d") << "it began before the event";
    EXPECT_EQ(done.size(), lists < 3 ? 2U : 1U);
  }
  EXPECT_EQ(machine.current(), state::watching);
  EXPECT_THAT(wake(), ElementsAre("list"));
  EXPECT_THAT(list_says(pod_at("e"), "e"), ElementsAre(testing::StartsWith("publish ready@e")));
}

TEST_F(WatchMachine, AListThatCannotBeOrderedIsRepeated) {
  watch_from("a");
  resync();
  now += 1s;
  changed(pod_at("b", false));
  EXPECT_THAT(list_says(pod_at("c"), "c", 1s), ElementsAre("publish if worse ready@c", "list"));
  now += 1s;
  EXPECT_THAT(list_says(pod_at("c"), "c"), ElementsAre("publish ready@c of 17"));
}

// Every state against every input: nothing is done twice, and nothing is forgotten.

enum class which { started, stopped, woken, listed, failed, forbidden, accepted, event, bookmark, lost, refused };
constexpr std::array inputs{which::started,  which::stopped,   which::woken,    which::listed,
                            which::failed,   which::forbidden, which::accepted, which::event,
                            which::bookmark, which::lost,      which::refused};

struct cell {
  state from;
  std::array<state, inputs.size()> expected;  ///< in the order of `inputs`
};

class WatchMachineTable : public WatchMachine, public testing::WithParamInterface<cell> {
 protected:
  void reach(state wanted) {
    if (wanted == state::listing) begin();
    if (wanted == state::opening) begin(), list_says(pod_at("100"), "100");
    if (wanted == state::watching) watch_from("100");
    if (wanted == state::resyncing) watch_from("100"), resync();
    if (wanted == state::catching_up) watch_from("100"), resync(), list_says(pod_at("101", false), "101");
    if (wanted == state::backing_off) begin(), list_fails(reason::api_error);
    if (wanted == state::denied) begin(), list_fails(reason::api_forbidden);
    if (wanted == state::stopped) give(stopped{});
    ASSERT_EQ(machine.current(), wanted);
  }
  void give_one(which one) {
    switch (one) {
      case which::started:
        begin();
        return;
      case which::stopped:
        give(stopped{});
        return;
      case which::woken:
        if (wakes != time_point::max()) wake();
        return;
      case which::listed:
        list_says(pod_at("100"), "100");
        return;
      case which::failed:
        list_fails(reason::api_error);
        return;
      case which::forbidden:
        list_fails(reason::api_forbidden);
        return;
      case which::accepted:
        give(accepted{});
        return;
      case which::event:
        changed(pod_at("200"));
        return;
      case which::bookmark:
        bookmark("200");
        return;
      case which::lost:
        end(manner::lost);
        return;
      case which::refused:
        end(manner::refused, reason::api_forbidden);
        return;
    }
  }
};

TEST_P(WatchMachineTable, GoesOnTo) {
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    machine = watch_machine{watch_times{}, [] { return 0.5; }};
    now = wakes = first_moment;
    reach(GetParam().from);
    give_one(inputs[i]);
    EXPECT_EQ(machine.current(), GetParam().expected[i]) << "input " << i;
  }
}

constexpr auto L = state::listing;
constexpr auto O = state::opening;
constexpr auto W = state::watching;
constexpr auto C = state::catching_up;
constexpr auto R = state::resyncing;
constexpr auto B = state::backing_off;
constexpr auto D = state::denied;
constexpr auto S = state::stopped;

INSTANTIATE_TEST_SUITE_P(All, WatchMachineTable,
                         testing::Values(  //          start stop wake list fail forb acc event mark lost refused
                             cell{L, {L, S, L, O, B, D, L, L, L, L, L}}, cell{O, {L, S, R, O, O, O, W, O, O, B, D}},
                             cell{W, {L, S, R, W, W, W, W, W, W, B, D}}, cell{C, {L, S, L, C, C, C, C, W, C, B, D}},
                             cell{R, {L, S, R, W, W, D, R, R, R, L, D}}, cell{B, {L, S, L, B, B, B, B, B, B, B, B}},
                             cell{D, {L, S, L, D, D, D, D, D, D, D, D}}, cell{S, {S, S, S, S, S, S, S, S, S, S, S}}));

}  // namespace
}  // namespace sidecar::app
