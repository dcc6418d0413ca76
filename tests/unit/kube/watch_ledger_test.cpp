#include "sidecar/kube/watch_ledger.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace sidecar::kube {
namespace {

using effect = watch_ledger::effect;
using type = watch_event::type;

health::pod_truth pod_at(const std::string& version) {
  health::pod pod;
  pod.resource_version = version;
  return pod;
}

const health::pod_truth absent = health::no_pod{};

health::pod_truth absent_at(const std::string& version) { return health::no_pod{version}; }

watch_event event(type what, const std::string& version) { return {.what = what, .resource_version = version}; }
watch_event changed(const std::string& version) { return event(type::changed, version); }
watch_event deleted(const std::string& version) { return event(type::deleted, version); }
watch_event bookmark(const std::string& version) { return event(type::bookmark, version); }

watch_ledger begun(const health::pod_truth& truth) {
  watch_ledger ledger;
  ledger.begin(truth);
  return ledger;
}

struct resume_row {
  std::string name;
  health::pod_truth found;
  std::string expected;
};
void PrintTo(const resume_row& row, std::ostream* out) { *out << row.name; }

class WatchLedgerBegins : public testing::TestWithParam<resume_row> {};

TEST_P(WatchLedgerBegins, WhereAGetCanBeGoneOnFrom) {
  const auto ledger = begun(GetParam().found);
  EXPECT_EQ(ledger.resume_from(), GetParam().expected);
  EXPECT_FALSE(ledger.is_behind());
}

INSTANTIATE_TEST_SUITE_P(All, WatchLedgerBegins,
                         testing::Values(resume_row{"number", pod_at("5"), "5"}, resume_row{"no pod", absent, ""},
                                         resume_row{"no version", pod_at(""), ""}, resume_row{"zero", pod_at("0"), ""},
                                         resume_row{"text", pod_at("abc"), ""},
                                         resume_row{"parameter", pod_at("5&watch=false"), ""},
                                         resume_row{"line end", pod_at("5\r\n"), ""}));

TEST(WatchLedger, BeginsAnewWithThePodAsItIsAndKnowsWhatTheGetHasShown) {
  watch_ledger ledger;
  ledger.begin(pod_at("5"));
  ledger.begin_anew();
  EXPECT_EQ(ledger.resume_from(), "");
  EXPECT_EQ(ledger.note(bookmark("9")), effect::none) << "the pod may be gone";
  EXPECT_TRUE(ledger.note_check(pod_at("5")));
  EXPECT_EQ(ledger.note(changed("5")), effect::none) << "it is no newer than the GET";
  EXPECT_EQ(ledger.note(bookmark("10")), effect::none);
}

TEST(WatchLedger, KnowsAPodOfTheSameVersion) {
  watch_ledger ledger;
  EXPECT_FALSE(ledger.knows(pod_at("5")));
  EXPECT_FALSE(ledger.knows(absent));
  ledger.begin(pod_at("5"));
  EXPECT_TRUE(ledger.knows(pod_at("5")));
  EXPECT_FALSE(ledger.knows(pod_at("6")));
  EXPECT_FALSE(ledger.knows(absent));
  ledger.note(changed("6"));
  ledger.note(bookmark("9"));
  EXPECT_TRUE(ledger.knows(pod_at("6")));
  EXPECT_FALSE(ledger.knows(pod_at("9")));
  ledger.note_check(pod_at("7"));
  EXPECT_FALSE(ledger.knows(pod_at("7"))) << "the watch has not told it";
  ledger.note(changed("7"));
  EXPECT_TRUE(ledger.knows(pod_at("7")));
  ledger.note(deleted("8"));
  EXPECT_FALSE(ledger.knows(pod_at("7")));
  EXPECT_FALSE(ledger.knows(absent)) << "a pod that is gone has no version";
  EXPECT_FALSE(begun(pod_at("")).knows(pod_at("")));
  ledger.begin();
  EXPECT_FALSE(ledger.knows(pod_at("7")));
}

TEST(WatchLedger, WaitsForTheFirstEventOfAWatchThatBeganAnew) {
  auto ledger = begun(pod_at("6"));
  EXPECT_FALSE(ledger.awaits_first());
  ledger.begin_anew();
  EXPECT_TRUE(ledger.awaits_first());
  EXPECT_FALSE(ledger.began_as_known());
  EXPECT_EQ(ledger.note(bookmark("12")), effect::none);
  EXPECT_TRUE(ledger.awaits_first());
  EXPECT_EQ(ledger.note(changed("6")), effect::none) << "it may be older than the GET";
  EXPECT_FALSE(ledger.awaits_first());
  EXPECT_TRUE(ledger.began_as_known());
  EXPECT_EQ(ledger.note(changed("7")), effect::replaces);
  EXPECT_TRUE(ledger.began_as_known());
  ledger.begin_anew();
  EXPECT_TRUE(ledger.awaits_first());
  EXPECT_FALSE(ledger.began_as_known());
  ledger.begin(pod_at("8"));
  EXPECT_FALSE(ledger.awaits_first());
  EXPECT_FALSE(ledger.began_as_known());
}

TEST(WatchLedger, WaitsForNoEventOfAPodThatIsNotThere) {
  auto ledger = begun(absent);
  EXPECT_FALSE(ledger.awaits_first());
  ledger.begin();
  EXPECT_FALSE(ledger.awaits_first());
}

struct beginning_row {
  std::string name;
  health::pod_truth known;
  watch_event first;
  bool expected;
};
void PrintTo(const beginning_row& row, std::ostream* out) { *out << row.name; }

class WatchLedgerBeginsAnew : public testing::TestWithParam<beginning_row> {};

TEST_P(WatchLedgerBeginsAnew, AsKnownOrNot) {
  auto ledger = begun(GetParam().known);
  ledger.begin_anew();
  ledger.note(GetParam().first);
  EXPECT_EQ(ledger.began_as_known(), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(All, WatchLedgerBeginsAnew,
                         testing::Values(beginning_row{"the same", pod_at("5"), changed("5"), true},
                                         beginning_row{"another", pod_at("5"), changed("6"), false},
                                         beginning_row{"gone", pod_at("5"), deleted("5"), false},
                                         beginning_row{"no version", pod_at(""), changed(""), false},
                                         beginning_row{"no pod", absent, changed("5"), false},
                                         beginning_row{"no pod, deleted", absent, deleted("5"), false}));

TEST(WatchLedger, AnEventThatAGetIsAheadOfIsNotAsKnown) {
  auto ledger = begun(pod_at("5"));
  ledger.begin_anew();
  EXPECT_FALSE(ledger.note_check(pod_at("6")));
  EXPECT_EQ(ledger.note(changed("5")), effect::none);
  EXPECT_FALSE(ledger.began_as_known());
}

TEST(WatchLedger, BeginsWithThePodAsItIsWhereThereWasNoGet) {
  watch_ledger ledger;
  EXPECT_EQ(ledger.resume_from(), "");
  ledger.begin(pod_at("5"));
  ledger.begin();
  EXPECT_EQ(ledger.resume_from(), "");
  EXPECT_FALSE(ledger.is_behind());
  EXPECT_EQ(ledger.note(changed("5")), effect::replaces);
}

TEST(WatchLedger, ChangesAndDeletionsReplaceAndBookmarksDoNot) {
  auto ledger = begun(pod_at("5"));
  EXPECT_EQ(ledger.note(bookmark("6")), effect::none);
  EXPECT_EQ(ledger.note(changed("7")), effect::replaces);
  EXPECT_EQ(ledger.note(deleted("8")), effect::replaces);
  EXPECT_EQ(ledger.note(bookmark("9")), effect::none);
  EXPECT_EQ(ledger.note(changed("10")), effect::replaces);
}

TEST(WatchLedger, AnotherWatchGoesOnFromTheLastVersionThatWasTold) {
  auto ledger = begun(pod_at("5"));
  for (const auto& told : {bookmark("6"), changed("7"), deleted("8"), bookmark("12")}) {
    ledger.note(told);
    EXPECT_EQ(ledger.resume_from(), told.resource_version);
  }
}

struct order_row {
  std::string name;
  health::pod_truth known;
  watch_event event;
  effect expected;
};
void PrintTo(const order_row& row, std::ostream* out) { *out << row.name; }

class WatchLedgerOrders : public testing::TestWithParam<order_row> {};

TEST_P(WatchLedgerOrders, AnEventByItsVersion) {
  auto ledger = begun(GetParam().known);
  EXPECT_EQ(ledger.note(GetParam().event), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    All, WatchLedgerOrders,
    testing::Values(order_row{"newer", pod_at("99"), changed("100"), effect::replaces},
                    order_row{"the same", pod_at("100"), changed("100"), effect::none},
                    order_row{"ready@100 while the GET says not ready@104", pod_at("104"), changed("100"),
                              effect::none},
                    order_row{"newer deletion", pod_at("100"), deleted("101"), effect::replaces},
                    order_row{"older deletion", pod_at("100"), deleted("99"), effect::none},
                    order_row{"deletion of the same version", pod_at("100"), deleted("100"), effect::unverified},
                    order_row{"after a 404", absent, changed("100"), effect::unverified},
                    order_row{"deletion after a 404", absent, deleted("100"), effect::none},
                    order_row{"after an absence that is dated", absent_at("99"), changed("100"), effect::replaces},
                    order_row{"before an absence that is dated", absent_at("99"), changed("98"), effect::none},
                    order_row{"text that differs", pod_at("abc"), changed("abd"), effect::unverified},
                    order_row{"text that is the same", pod_at("abc"), changed("abc"), effect::none},
                    order_row{"number after text", pod_at("abc"), changed("100"), effect::unverified},
                    order_row{"none", pod_at("100"), changed(""), effect::unverified}));

TEST(WatchLedger, AnEventOlderThanAPodThatHasGoneIsOldToo) {
  auto ledger = begun(pod_at("5"));
  EXPECT_FALSE(ledger.note_check(absent));
  EXPECT_EQ(ledger.note(changed("4")), effect::none);
  EXPECT_EQ(ledger.note(changed("5")), effect::none);
  EXPECT_EQ(ledger.note(changed("6")), effect::unverified);
}

TEST(WatchLedger, AnOlderEventDoesNotMoveTheNextWatchBack) {
  auto ledger = begun(pod_at("5"));
  ledger.note(changed("3"));
  EXPECT_EQ(ledger.resume_from(), "5");
}

TEST(WatchLedger, AGetThatIsTheNewestMayHaveASmallerVersion) {
  auto ledger = begun(pod_at("5"));  // etcd was restored from a backup
  EXPECT_FALSE(ledger.note_check(pod_at("3")));
  EXPECT_EQ(ledger.note(changed("4")), effect::replaces);
}

TEST(WatchLedger, AVersionThatIsNoNumberIsComparedButNotGoneOnFrom) {
  auto ledger = begun(pod_at("5"));
  EXPECT_EQ(ledger.note(changed("abc")), effect::unverified);
  EXPECT_EQ(ledger.note(bookmark("&x=1")), effect::none);
  EXPECT_EQ(ledger.resume_from(), "5");
  EXPECT_TRUE(ledger.note_check(pod_at("abc")));
  EXPECT_FALSE(ledger.note_check(pod_at("abd")));
}

TEST(WatchLedger, ACheckThatFindsWhatWasToldIsGood) {
  auto ledger = begun(pod_at("5"));
  EXPECT_TRUE(ledger.note_check(pod_at("5")));
  ledger.note(changed("6"));
  EXPECT_TRUE(ledger.note_check(pod_at("6")));
  ledger.note(deleted("7"));
  EXPECT_TRUE(ledger.note_check(absent));
  EXPECT_FALSE(ledger.is_behind());
}

TEST(WatchLedger, ACheckDoesNotMoveTheWatch) {
  auto ledger = begun(pod_at("5"));
  ledger.note_check(pod_at("7"));
  EXPECT_EQ(ledger.resume_from(), "5") << "what the GET has shown is yet to be told";
}

TEST(WatchLedger, WhatIsOlderThanACheckChangesNothingUntilTheWatchHasReachedIt) {
  auto ledger = begun(pod_at("5"));
  EXPECT_FALSE(ledger.note_check(pod_at("7")));
  EXPECT_TRUE(ledger.is_behind());
  EXPECT_EQ(ledger.note(changed("6")), effect::none);
  EXPECT_EQ(ledger.note(bookmark("6")), effect::none);
  EXPECT_EQ(ledger.note(deleted("6")), effect::none);
  EXPECT_TRUE(ledger.is_behind());
  EXPECT_EQ(ledger.note(changed("7")), effect::none);
  EXPECT_FALSE(ledger.is_behind());
  EXPECT_EQ(ledger.note(bookmark("7")), effect::none) << "it goes nowhere";
  EXPECT_EQ(ledger.note(bookmark("9")), effect::none);
  EXPECT_EQ(ledger.note(changed("8")), effect::replaces);
}

TEST(WatchLedger, APodThatACheckDidNotFindIsToldOfByItsDeletion) {
  auto ledger = begun(pod_at("5"));
  EXPECT_FALSE(ledger.note_check(absent));
  EXPECT_EQ(ledger.note(changed("6")), effect::unverified) << "it may be leaving, or be another one";
  EXPECT_EQ(ledger.note(deleted("7")), effect::none);
  EXPECT_FALSE(ledger.is_behind());
}

TEST(WatchLedger, APodThatACheckFoundAgainIsNotGone) {
  auto ledger = begun(pod_at("5"));
  EXPECT_FALSE(ledger.note_check(pod_at("9")));
  EXPECT_EQ(ledger.note(deleted("6")), effect::none);
  EXPECT_EQ(ledger.note(changed("9")), effect::none);
}

TEST(WatchLedger, ABookmarkBeyondACheckDoesNotStandInForWhatWasNotTold) {
  auto ledger = begun(pod_at("5"));
  ledger.note_check(pod_at("7"));
  EXPECT_EQ(ledger.note(bookmark("8")), effect::none);
  EXPECT_EQ(ledger.note(bookmark("7")), effect::none);
  EXPECT_TRUE(ledger.is_behind());
}

TEST(WatchLedger, AnotherCheckIsWhatTheWatchMustReachThen) {
  auto ledger = begun(pod_at("5"));
  EXPECT_FALSE(ledger.note_check(pod_at("7")));
  EXPECT_FALSE(ledger.note_check(pod_at("7"))) << "it still has not told";
  EXPECT_FALSE(ledger.note_check(pod_at("8")));
  EXPECT_EQ(ledger.note(changed("7")), effect::none);
  EXPECT_EQ(ledger.note(changed("8")), effect::none);
}

TEST(WatchLedger, ANewBeginningOwesNothing) {
  auto ledger = begun(pod_at("5"));
  ledger.note_check(pod_at("7"));
  ledger.begin(pod_at("7"));
  EXPECT_FALSE(ledger.is_behind());
  EXPECT_EQ(ledger.resume_from(), "7");
  EXPECT_EQ(ledger.note(changed("8")), effect::replaces);
}

TEST(WatchLedger, ABookmarkAloneDoesNotVouchForThePodThatAWatchShouldHaveBegunWith) {
  auto ledger = begun(pod_at("abc"));
  EXPECT_EQ(ledger.note(bookmark("9")), effect::none) << "the pod may have gone before the watch began";
  EXPECT_EQ(ledger.note(bookmark("10")), effect::none);
  EXPECT_EQ(ledger.note(changed("11")), effect::unverified);
  EXPECT_TRUE(ledger.note_check(pod_at("11")));
  EXPECT_EQ(ledger.note(bookmark("12")), effect::none);
}

TEST(WatchLedger, WithoutAGetABookmarkSaysWhereToGoOn) {
  watch_ledger ledger;
  ledger.begin();
  EXPECT_EQ(ledger.note(bookmark("9")), effect::none);
  EXPECT_EQ(ledger.resume_from(), "9");
  EXPECT_FALSE(ledger.note_check(absent)) << "it has delivered nothing";
  EXPECT_EQ(ledger.note(bookmark("10")), effect::none);
  ledger.begin();
  EXPECT_FALSE(ledger.note_check(pod_at("5")));
  EXPECT_EQ(ledger.note(changed("5")), effect::none);
  EXPECT_EQ(ledger.note(bookmark("10")), effect::none);
}

TEST(WatchLedger, WhatAWatchBeginsWithMayBeOlderThanAGet) {
  auto ledger = begun(pod_at("5"));
  ledger.begin_anew();
  EXPECT_EQ(ledger.note(changed("3")), effect::none);
  EXPECT_EQ(ledger.note(changed("4")), effect::none);
  EXPECT_FALSE(ledger.note_check(pod_at("6")));
  EXPECT_EQ(ledger.note(changed("5")), effect::none);
  EXPECT_EQ(ledger.note(changed("6")), effect::none);
}

TEST(WatchLedger, WhatAWatchBeginsWithMayBeNewerThanAGet) {
  auto ledger = begun(pod_at("5"));
  ledger.begin_anew();
  EXPECT_EQ(ledger.note(changed("7")), effect::replaces);
  EXPECT_TRUE(ledger.note_check(pod_at("7")));
  EXPECT_FALSE(ledger.is_behind());
  EXPECT_EQ(ledger.note(changed("8")), effect::replaces);
}

TEST(WatchLedger, APodAfterOneThatWasAbsentIsUnverified) {
  auto ledger = begun(absent);
  EXPECT_EQ(ledger.note(bookmark("9")), effect::none);
  EXPECT_EQ(ledger.note(changed("10")), effect::unverified);
}

}  // namespace
}  // namespace sidecar::kube
