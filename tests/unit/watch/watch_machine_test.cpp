#include "sidecar/watch/watch_machine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "sidecar/watch/known_object.hpp"

/// The watch machine by what it does, with a pod that is known: the state and the actions after each input, at a time
/// that is given.
namespace sidecar::watch::watch_machine_steps {
namespace {

using namespace std::chrono_literals;
using namespace steps;
using health::reason;
using manner = kube::watch_end::manner;
using enum watch_table::state;

/// "ready@100", "unready@100" or "absent@100".
health::pod_state state_of(const std::string& text) {
  const auto version = text.substr(text.find('@') + 1);
  if (text.starts_with("absent")) return health::absent_pod{version};
  health::pod made;
  made.resource_version = version;
  made.statuses.push_back({"game", text.starts_with("ready")});
  return made;
}

std::string text_of(const health::pod_state& pod) {
  if (const auto* absent = std::get_if<health::absent_pod>(&pod)) return "absent@" + absent->resource_version;
  const auto& there = std::get<health::pod>(pod);
  return (there.statuses.front().ready ? "ready@" : "unready@") + there.resource_version;
}

constexpr time_point first_moment{24h};
time_point moment(double seconds) {
  return first_moment + std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>{seconds});
}

// Inputs, as the driver makes them of what LIST and WATCH bring.

struct pod_listed {
  health::snapshot found;
  std::string version;
  bool is_watch_outdated = false;
};
struct pod_changed {
  health::pod_state state;
};
using given_input = std::variant<steps::stopped, renewed, woken, listed, accepted, ended, pod_listed, pod_changed>;

/// What a LIST that began at `began` found. Its version is the pod's, or another one.
given_input lists(const std::string& text, double began, std::string version = {}) {
  if (version.empty()) version = text.substr(text.find('@') + 1);
  return pod_listed{{state_of(text), moment(began)}, std::move(version)};
}
given_input fails(reason why, std::optional<std::chrono::seconds> retry_after = {}) {
  return listed{kube::failure{why, "detail", retry_after}};
}
given_input event(const std::string& text) { return pod_changed{state_of(text)}; }
given_input ends(manner how, reason why = reason::api_unreachable) {
  return ended{how, kube::failure{why, "detail", {}}};
}

/// The driver's part: what of it is newer.
struct pod_driver {
  known_pod& known;
  bool& has_listed;
  time_point now;

  input operator()(const pod_listed& one) const {
    has_listed = true;
    const auto order = known.list(one.found);
    return listed{learnt{order, known.confirmed()}, one.version, one.is_watch_outdated};
  }
  input operator()(const pod_changed& one) const {
    return delivered{has_listed ? known.deliver(one.state, now) : kube::version_order::newer};
  }
  template <class Other>
  input operator()(const Other& one) const {
    return one;
  }
};

/// Actions as a test reads them; times in seconds since the first moment.
struct printer {
  const known_pod& known;

  static std::string seconds(time_point when) {
    if (when == time_point::max()) return "forever";
    const auto since = std::chrono::floor<std::chrono::milliseconds>(when - first_moment);
    auto text = std::to_string(std::chrono::duration<double>(since).count());
    text.erase(text.find_last_not_of('0') + 1);
    return text.ends_with('.') ? text.substr(0, text.size() - 1) : text;
  }
  std::string operator()(const list&) const { return "list"; }
  std::string operator()(const watch& one) const {
    return "watch from " + one.version + " for " + std::to_string(one.length.count());
  }
  std::string operator()(const close& one) const {
    return one.why ? std::string{"close: "}.append(name(*one.why)) : "close for good";
  }
  std::string operator()(const sleep& one) const { return "sleep until " + seconds(one.until); }
  std::string operator()(const publish&) const {
    return "publish " + text_of(known.snapshot().state) + " of " + seconds(known.confirmed());
  }
  std::string operator()(const publish_if_worse&) const { return "publish if worse " + text_of(known.unordered()); }
  std::string operator()(const mark_stale& one) const {
    return (one.is_gap ? "gap: " : "stale: ") + std::string{name(one.why.why)};
  }
  std::string operator()(const serve& one) const { return one.origin == source::live ? "serve live" : "serve cache"; }
  std::string operator()(const notice& one) const {
    static const char* const kinds[] = {"missed event", "denied", "watches cut", "restored", "ended"};
    return std::string{"notice: "}.append(kinds[static_cast<int>(one.what)]);
  }
};

struct step {
  double at;  ///< seconds since the first moment
  given_input given;
  watch_machine::state next;
  std::string actions;
};
using script = std::vector<step>;

script operator+(script first, const script& then) {
  first.insert(first.end(), then.begin(), then.end());
  return first;
}

class WatchMachine : public testing::Test {
 protected:
  std::string give(const given_input& one) {
    std::string done;
    const auto read = std::visit(pod_driver{known, has_listed, now}, one);
    for (const auto& action : machine.step(read, now)) {
      if (const auto* slept = std::get_if<sleep>(&action)) wakes = slept->until;
      done.append(done.empty() ? "" : ", ").append(std::visit(printer{known}, action));
    }
    return done;
  }
  std::string wake() {
    now = std::max(now, wakes);
    return give(woken{});
  }
  std::string list_now() { return give(pod_listed{{state_of("ready@100"), now}, "100"}); }
  void go(const script& all) {
    int number = 0;
    for (const auto& [at, given, next, actions] : all) {
      now = moment(at);
      const auto done = give(given);
      EXPECT_EQ(machine.current(), next) << "step " << number;
      EXPECT_EQ(done, actions) << "step " << number;
      ++number;
    }
  }

  double random = 0.5;
  watch_times times;
  watch_machine machine{times, [this] { return random; }};
  known_pod known;
  bool has_listed = false;
  time_point now = first_moment;
  time_point wakes = first_moment;
};

// The shortest way to each state.

const script to_listing = script{{0, woken{}, listing, "list, sleep until forever"}};
const script to_opening = to_listing + script{{0, lists("ready@100", 0), opening,
                                               "publish ready@100 of 0, watch from 100 for 270, sleep until 15"}};
const script to_watching = to_opening + script{{0, accepted{}, watching, ""}};
const script to_resyncing = to_watching + script{{15, woken{}, resyncing, "list, sleep until 20"}};
const script to_catching_up =
    to_resyncing + script{{15, lists("unready@101", 15), catching_up, "publish unready@101 of 15, sleep until 17"}};
const script to_backing_off =
    to_listing + script{{0, fails(reason::api_error), backing_off, "stale: ApiError, sleep until 2"}};
const script to_denied =
    to_listing + script{{0, fails(reason::api_forbidden), denied, "serve live, notice: denied, sleep until 2"}};
const script to_stopped = script{{0, steps::stopped{}, stopped, ""}};

struct story {
  const char* name;
  script all;
  friend void PrintTo(const story& row, std::ostream* out) { *out << row.name; }
};

class WatchMachineStory : public WatchMachine, public testing::WithParamInterface<story> {};

TEST_P(WatchMachineStory, GoesOn) { go(GetParam().all); }

const story stories[] = {
    {"BeginsWithAListAndWatchesFromItsVersion",
     to_listing + script{{1, lists("ready@100", 0.5, "243"), opening,
                          "publish ready@100 of 0.5, watch from 243 for 270, sleep until 15.5"},
                         {1, accepted{}, watching, ""}}},
    {"AnAbsentPodIsWatchedFromTheListsVersion",
     to_listing +
         script{{0, lists("absent@222", 0), opening, "publish absent@222 of 0, watch from 222 for 270, sleep until 15"},
                {0, accepted{}, watching, ""},
                {0, event("ready@230"), watching, "publish ready@230 of 0"}}},
    {"AnEventChangesWhatIsKnownAndNotHowFreshItIs",
     to_watching + script{{10, event("unready@101"), watching, "publish unready@101 of 0"},
                          {10, event("absent@102"), watching, "publish absent@102 of 0"},
                          {10, event("ready@110"), watching, "publish ready@110 of 0"}}},
    {"AResyncConfirmsAsOfItsStart",
     to_resyncing + script{{16, lists("ready@100", 15, "300"), watching, "publish ready@100 of 15, sleep until 30"}}},
    {"EventReadyAt100WhileTheListSaysNotReadyAt104",
     script{{0, woken{}, listing, "list, sleep until forever"},
            {0, lists("ready@99", 0), opening, "publish ready@99 of 0, watch from 99 for 270, sleep until 15"},
            {0, accepted{}, watching, ""},
            {15, woken{}, resyncing, "list, sleep until 20"},
            {15.2, event("ready@100"), resyncing, "publish ready@100 of 0"},
            {15.203, lists("unready@104", 15), catching_up, "publish unready@104 of 15, sleep until 17.203"},
            {15.3, event("ready@103"), catching_up, ""},
            {15.3, event("unready@104"), watching, "sleep until 30"}}},
    {"AnEventThatOvertookTheListIsCurrentAsOfTheListsStart",
     to_resyncing + script{{15, event("unready@105"), resyncing, "publish unready@105 of 0"},
                           {16, lists("ready@103", 15), watching, "publish unready@105 of 15, sleep until 30"}}},
    {"WhatTheWatchMissedIsFoundByAResyncAndTheWatchBegunAgain",
     to_catching_up + script{{17, woken{}, listing, "notice: missed event, close: missed_event, list, sleep until 35"},
                             {17, ends(manner::lost), listing, ""},
                             {17, lists("unready@101", 17, "120"), opening,
                              "publish unready@101 of 17, watch from 120 for 270, sleep until 32"}}},
    {"ADeletionThatAListFoundFirstIsDelivered",
     to_resyncing + script{{15, lists("absent@243", 15), catching_up, "publish absent@243 of 15, sleep until 17"},
                           {15, event("ready@238"), catching_up, ""},
                           {15, event("absent@240"), watching, "sleep until 30"}}},
    {"AResyncThatFailsIsRepeatedSoonerAndLeavesWhatIsCurrent",
     to_resyncing + script{{15, fails(reason::api_error), watching, "sleep until 16.5"},
                           {16.5, woken{}, resyncing, "list, sleep until 20"},
                           {16.5, fails(reason::api_busy, 4s), watching, "sleep until 20"},
                           {20.001, woken{}, watching, "stale: ApiBusy, sleep until 23.5"},
                           {23.5, woken{}, resyncing, "stale: ApiBusy, list, sleep until forever"},
                           {23.5, lists("ready@100", 23.5), watching, "publish ready@100 of 23.5, sleep until 38.5"}}},
    {"BookmarksDoNotConfirm",
     to_resyncing + script{{20.001, woken{}, resyncing, "stale: ApiTimeout, sleep until forever"}}},
    {"AfterAFreezeNothingIsCurrent",
     to_watching + script{{40, event("ready@140"), watching, "publish ready@140 of 0"},
                          {40, woken{}, resyncing, "stale: ApiTimeout, list, sleep until forever"}}},
    {"AnEventReplayedAfterARelistIsOld",
     to_watching + script{{0, ends(manner::lost), backing_off, "gap: ApiUnreachable, sleep until 2"},
                          {2, woken{}, listing, "list, sleep until 20"},
                          {2, lists("unready@104", 2), opening,
                           "publish unready@104 of 2, watch from 104 for 270, sleep until 17"},
                          {2, accepted{}, watching, ""},
                          {2, event("ready@90"), watching, ""},
                          {2, event("ready@100"), watching, ""}}},
    {"Completed", to_watching + script{{269, ends(manner::completed), listing, "list, sleep until forever"},
                                       {269, lists("ready@100", 269), opening,
                                        "publish ready@100 of 269, watch from 100 for 270, sleep until 284"}}},
    {"CompletedTooSoon",
     to_watching + script{{100, ends(manner::completed), backing_off, "gap: ApiUnreachable, sleep until 102"}}},
    {"Expired", to_watching + script{{0, ends(manner::expired), listing, "list, sleep until 20"},
                                     {0, lists("ready@100", 0), opening,
                                      "publish ready@100 of 0, watch from 100 for 270, sleep until 15"},
                                     {0, ends(manner::expired), backing_off, "gap: ApiUnreachable, sleep until 4"}}},
    {"AWatchThatBreaksOffIsPausedForLonger",
     to_watching +
         script{
             {12, ends(manner::lost), backing_off, "gap: ApiUnreachable, sleep until 14"},
             {13.9, woken{}, backing_off, "sleep until 14"},
             {14, woken{}, listing, "list, sleep until 20"},
             {14, lists("ready@100", 14), opening, "publish ready@100 of 14, watch from 100 for 270, sleep until 29"},
             {14, accepted{}, watching, ""},
             {26, ends(manner::lost), backing_off, "gap: ApiUnreachable, sleep until 30"},
             {30, woken{}, listing, "list, sleep until 34"},
             {30, lists("ready@100", 30), opening, "publish ready@100 of 30, watch from 100 for 270, sleep until 45"},
             {30, accepted{}, watching, ""},
             {42, ends(manner::lost), backing_off, "gap: ApiUnreachable, sleep until 46"}}},
    {"AWatchThatLastedHasNotFailedBefore",
     to_watching + script{{12, ends(manner::lost), backing_off, "gap: ApiUnreachable, sleep until 14"},
                          {14, woken{}, listing, "list, sleep until 20"},
                          {14, lists("ready@100", 14), opening,
                           "publish ready@100 of 14, watch from 100 for 270, sleep until 29"},
                          {14, accepted{}, watching, ""},
                          {44, ends(manner::lost), backing_off, "gap: ApiUnreachable, sleep until 46"}}},
    {"AWatchThatEndsWhileAListIsUnderWayIsFollowedByThatList",
     to_resyncing + script{{15, ends(manner::lost), listing, ""},
                           {15, lists("unready@101", 15), opening,
                            "publish unready@101 of 15, watch from 101 for 270, sleep until 30"}}},
    {"AReplacedBundleIsNotReliedOn",
     to_resyncing + script{{15, pod_listed{{state_of("ready@100"), moment(15)}, "250", true}, opening,
                            "publish ready@100 of 15, close: ca_replaced, watch from 250 for 270, sleep until 30"}}},
    {"DeniedThenLiveThenRestored",
     to_opening +
         script{{0, ends(manner::refused, reason::api_forbidden), denied, "serve live, notice: denied, sleep until 2"},
                {2, woken{}, listing, "list, sleep until forever"},
                {2, lists("ready@101", 2), opening, "watch from 101 for 270, sleep until 12"},
                {2, ends(manner::refused, reason::api_forbidden), denied, "notice: denied, sleep until 6"},
                {6, woken{}, listing, "list, sleep until forever"},
                {6, lists("ready@101", 6), opening, "watch from 101 for 270, sleep until 16"},
                {6, accepted{}, resyncing, "list, sleep until forever"},
                {7, event("unready@105"), resyncing, ""},
                {7, lists("ready@104", 6), watching,
                 "serve cache, notice: restored, publish unready@105 of 6, sleep until 21"},
                {8, event("ready@106"), watching, "publish ready@106 of 6"}}},
    {"AWatchWhoseHeadHasNotComeIsOneThatLastsToo",
     to_denied + script{{2, woken{}, listing, "list, sleep until forever"},
                        {2, lists("ready@100", 2), opening, "watch from 100 for 270, sleep until 12"},
                        {12, woken{}, resyncing, "list, sleep until forever"},
                        {12, lists("ready@100", 12), opening,
                         "serve cache, notice: restored, publish ready@100 of 12, sleep until 27"}}},
    {"AListThatCannotBeOrderedIsRepeatedBesideTheWatch",
     to_resyncing + script{{16, event("unready@b"), resyncing, "publish if worse unready@b"},
                           {16, lists("ready@c", 15), resyncing, "publish if worse ready@c, list, sleep until 20"},
                           {17, lists("ready@c", 17), catching_up, "publish ready@c of 17, sleep until 19"}}},
    {"AListThatCannotBeOrderedIsRepeatedWithoutAWatch",
     to_resyncing +
         script{{16, event("unready@b"), resyncing, "publish if worse unready@b"},
                {16, ends(manner::lost), listing, ""},
                {16, lists("ready@c", 15), listing, "publish if worse ready@c, list, sleep until 20"},
                {17, lists("ready@c", 17), opening, "publish ready@c of 17, watch from c for 270, sleep until 32"}}},
    {"StatesThatCannotBeOrderedAreListedForThreeTimesInARowAndThenLater",
     to_watching + script{{0, event("unready@b"), resyncing, "publish if worse unready@b, list, sleep until 20"},
                          {1, event("ready@c"), resyncing, "publish if worse ready@c"},
                          {1, lists("unready@d", 0), resyncing, "publish if worse unready@d, list, sleep until 20"},
                          {2, event("ready@e"), resyncing, "publish if worse ready@e"},
                          {2, lists("unready@f", 1), resyncing, "publish if worse unready@f, list, sleep until 20"},
                          {3, event("ready@g"), resyncing, "publish if worse ready@g"},
                          {3, lists("unready@h", 2), watching, "publish if worse unready@h, sleep until 4.5"},
                          {4.5, woken{}, resyncing, "list, sleep until 20"},
                          {4.5, lists("ready@i", 4.5), catching_up, "publish ready@i of 4.5, sleep until 6.5"}}},
};

INSTANTIATE_TEST_SUITE_P(All, WatchMachineStory, testing::ValuesIn(stories),
                         [](const auto& row) { return std::string{row.param.name}; });

// Every state against every input. A pair that is not in the table changes nothing.

struct named_input {
  std::string name;
  given_input given;
  double later = 0;  ///< seconds since the state was reached
};

const named_input inputs[] = {
    {"stopped", steps::stopped{}},
    {"renewed", renewed{}},
    {"due", woken{}},  // when the sleep is over
    {"list same", lists("ready@100", 0)},
    {"list newer", lists("unready@104", 0)},
    {"list failed", fails(reason::api_error)},
    {"list denied", fails(reason::api_forbidden)},
    {"accepted", accepted{}},
    {"event", event("ready@200")},
    {"event old", event("unready@90")},
    {"event unordered", event("unready@x")},
    {"lost", ends(manner::lost)},
    {"completed", ends(manner::completed), 270},
    {"expired", ends(manner::expired)},
    {"refused", ends(manner::refused, reason::api_forbidden)},
};

struct cell {
  watch_machine::state from;
  std::string given;
  watch_machine::state next;
  std::string actions;
};

const cell cells[] = {
    {listing, "stopped", stopped, ""},
    {listing, "renewed", listing, "sleep until forever"},
    {listing, "list same", opening, "publish ready@100 of 0, watch from 100 for 270, sleep until 15"},
    {listing, "list newer", opening, "publish unready@104 of 0, watch from 104 for 270, sleep until 15"},
    {listing, "list failed", backing_off, "stale: ApiError, sleep until 2"},
    {listing, "list denied", denied, "serve live, notice: denied, sleep until 2"},
    {opening, "stopped", stopped, "close for good"},
    {opening, "renewed", listing, "close for good, list, sleep until forever"},
    {opening, "due", resyncing, "list, sleep until 20"},
    {opening, "accepted", watching, ""},
    {opening, "event", opening, "publish ready@200 of 0"},
    {opening, "event unordered", resyncing, "publish if worse unready@x, list, sleep until 20"},
    {opening, "lost", backing_off, "stale: ApiUnreachable, sleep until 2"},
    {opening, "completed", listing, "list, sleep until forever"},
    {opening, "expired", listing, "list, sleep until 20"},
    {opening, "refused", denied, "serve live, notice: denied, sleep until 2"},
    {watching, "stopped", stopped, "close for good"},
    {watching, "renewed", listing, "close for good, list, sleep until forever"},
    {watching, "due", resyncing, "list, sleep until 20"},
    {watching, "event", watching, "publish ready@200 of 0"},
    {watching, "event unordered", resyncing, "publish if worse unready@x, list, sleep until 20"},
    {watching, "lost", backing_off, "gap: ApiUnreachable, sleep until 2"},
    {watching, "completed", listing, "list, sleep until forever"},
    {watching, "expired", listing, "list, sleep until 20"},
    {watching, "refused", denied, "serve live, notice: denied, sleep until 2"},
    {catching_up, "stopped", stopped, "close for good"},
    {catching_up, "renewed", listing, "close for good, list, sleep until forever"},
    {catching_up, "due", listing, "notice: missed event, close: missed_event, list, sleep until 35"},
    {catching_up, "event", watching, "publish ready@200 of 15, sleep until 30"},
    {catching_up, "event unordered", resyncing, "publish if worse unready@x, list, sleep until 35"},
    {catching_up, "lost", backing_off, "gap: ApiUnreachable, sleep until 17"},
    {catching_up, "completed", listing, "list, sleep until forever"},
    {catching_up, "expired", listing, "list, sleep until 35"},
    {catching_up, "refused", denied, "serve live, notice: denied, sleep until 17"},
    {resyncing, "stopped", stopped, "close for good"},
    {resyncing, "renewed", listing, "close for good, sleep until forever"},
    {resyncing, "due", resyncing, "stale: ApiTimeout, sleep until forever"},
    {resyncing, "list same", watching, "publish ready@100 of 15, sleep until 30"},
    {resyncing, "list newer", catching_up, "publish unready@104 of 15, sleep until 17"},
    {resyncing, "list failed", watching, "sleep until 16.5"},
    {resyncing, "list denied", denied, "close: refused, serve live, notice: denied, sleep until 17"},
    {resyncing, "event", resyncing, "publish ready@200 of 0"},
    {resyncing, "event unordered", resyncing, "publish if worse unready@x"},
    {resyncing, "lost", listing, ""},
    {resyncing, "completed", listing, ""},
    {resyncing, "expired", listing, ""},
    {resyncing, "refused", denied, "serve live, notice: denied, sleep until 17"},
    {backing_off, "stopped", stopped, ""},
    {backing_off, "renewed", listing, "list, sleep until forever"},
    {backing_off, "due", listing, "list, sleep until forever"},
    {denied, "stopped", stopped, ""},
    {denied, "renewed", listing, "list, sleep until forever"},
    {denied, "due", listing, "list, sleep until forever"},
};

class WatchMachineTable : public WatchMachine, public testing::WithParamInterface<script> {};

TEST_P(WatchMachineTable, GoesOnToTheNextState) {
  const auto from = GetParam().back().next;
  for (auto [name, given, later] : inputs) {
    machine = watch_machine{watch_times{}, [] { return 0.5; }};
    known = {};
    has_listed = false;
    go(GetParam());
    now += std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>{later});
    if (auto* found = std::get_if<pod_listed>(&given)) found->found.observed = now;
    const bool is_asleep = name == "due" && wakes == time_point::max();
    if (is_asleep) continue;
    const auto done = name == "due" ? wake() : give(given);
    const auto* row = std::ranges::find_if(
        cells, [from = from, name = name](const cell& one) { return one.from == from && one.given == name; });
    const auto expected = row == std::end(cells) ? cell{from, name, from, ""} : *row;
    EXPECT_EQ(machine.current(), expected.next) << name;
    EXPECT_EQ(done, expected.actions) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(All, WatchMachineTable,
                         testing::Values(to_listing, to_opening, to_watching, to_catching_up, to_resyncing,
                                         to_backing_off, to_denied, to_stopped),
                         [](const auto& row) { return "From" + std::to_string(row.index); });

// What is drawn or counted.

TEST_F(WatchMachine, PausesAreDrawnFromNothingOn) {
  random = 0;
  wake();
  give(fails(reason::api_unreachable));
  EXPECT_EQ(wakes, now);
}

TEST_F(WatchMachine, DeniedPausesGrowToMinutes) {
  std::chrono::nanoseconds last{0};
  for (int i = 0; i < 12; ++i) {
    wake();
    give(fails(reason::api_forbidden));
    last = wakes - now;
  }
  EXPECT_EQ(last, 150s);
}

TEST_F(WatchMachine, FiveWatchesThatAreCutInARowMakeAnswersLive) {
  for (int i = 1; i <= 5; ++i) {
    wake();
    list_now();
    give(accepted{});
    now += 2s;
    const auto done = give(ends(manner::lost));
    EXPECT_THAT(done, testing::StartsWith(i < 5 ? "gap: ApiUnreachable" : "serve live, notice: watches cut"));
  }
  wake();
  list_now();
  const auto opened = now;
  EXPECT_EQ(give(accepted{}), "");
  EXPECT_THAT(wake(), testing::StartsWith("list"));
  EXPECT_EQ(now, opened + 10s) << "it lasts longer than one that is cut";
  EXPECT_THAT(list_now(), testing::StartsWith("serve cache, notice: restored, publish ready@100"));
}

TEST_F(WatchMachine, WithoutALiveSourceADeniedListLeavesWhatIsKnownToTheHoldRule) {
  times.has_live_source = false;
  machine = watch_machine{times, [] { return 0.5; }};
  wake();
  list_now();
  give(accepted{});
  EXPECT_THAT(give(ends(manner::refused, reason::api_forbidden)),
              testing::StartsWith("notice: denied, gap: ApiForbidden, sleep until"));
  wake();
  EXPECT_THAT(give(fails(reason::api_forbidden)), testing::StartsWith("notice: denied, stale: ApiForbidden, sleep"));
  wake();
  EXPECT_THAT(list_now(), testing::StartsWith("publish ready@100"));
  give(accepted{});
  EXPECT_EQ(machine.current(), resyncing) << "permission was all that was missing";
  EXPECT_THAT(list_now(), testing::StartsWith("notice: restored, publish ready@100"));
}

TEST_F(WatchMachine, WithoutALiveSourceAListTakesThePlaceOfAWatchThatIsRefusedOrCut) {
  times.has_live_source = false;
  for (const auto why : {reason::api_forbidden, reason::api_unreachable}) {
    for (random = 0; random < 1; random += 0.49) {
      machine = watch_machine{times, [this] { return random; }};
      for (int cycle = 0; cycle < 30; ++cycle) {
        wake();
        EXPECT_THAT(list_now(), testing::StartsWith("publish ready@100")) << cycle;
        give(accepted{});
        now += 2s;
        const auto done = give(ends(why == reason::api_forbidden ? manner::refused : manner::lost, why));
        EXPECT_THAT(done, testing::HasSubstr("gap: ")) << "no line for each";
        EXPECT_LE(wakes, now + 10s) << cycle;
        EXPECT_GE(wakes, cycle > 4 ? now + 5s : now) << cycle;
      }
    }
  }
}

TEST_F(WatchMachine, WhatIsWatchedMayChangeAsOftenAsItLikes) {
  for (int i = 0; i < 8; ++i) {
    if (i == 0) wake();
    list_now();
    give(accepted{});
    now += 1s;
    EXPECT_EQ(give(renewed{}), "close for good, list, sleep until forever") << "no pause, and no watch was cut";
  }
  now += 1h;
  EXPECT_EQ(give(woken{}), "sleep until forever") << "nothing is known that could lapse";
}

TEST_F(WatchMachine, AWatchThatHasMoreToDeliverOfWhatAListFoundIsNotCaughtUp) {
  go(to_catching_up);
  EXPECT_EQ(machine.step(delivered{kube::version_order::newer, false}, now).size(), 1u) << "it is published";
  EXPECT_EQ(machine.current(), catching_up);
  machine.step(delivered{kube::version_order::same, true}, now);
  EXPECT_EQ(machine.current(), watching);
}

TEST_F(WatchMachine, AWatchThatIsRefusedForNowOrThatNothingAnswersWasNotCut) {
  const std::pair<given_input, std::string> rows[] = {
      {ends(manner::refused, reason::api_busy), "gap: ApiBusy"},
      {ends(manner::refused, reason::api_unauthorized), "gap: ApiUnauthorized"},
      {ends(manner::lost), "stale: ApiUnreachable"}};
  for (const auto& [end, done] : rows) {
    for (int i = 0; i < 8; ++i) {
      wake();
      list_now();
      EXPECT_THAT(give(end), testing::StartsWith(done));
    }
  }
}

}  // namespace
}  // namespace sidecar::watch::watch_machine_steps
