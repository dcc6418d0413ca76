#include "sidecar/app/watch_keeper.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "unit/app/scripted_source.hpp"
#include "unit/net/run.hpp"

namespace sidecar::app {
namespace {

using namespace std::chrono_literals;
using health::answer;
using health::reason;
using kube::watch_end;
using kube::watch_event;
using manner = watch_end::manner;

/// A pod_watch that tells what the test wants.
class scripted_watch final : public kube::pod_watch {
 public:
  struct one {
    one(const asio::any_io_executor& executor, std::string version, listener listens)
        : from(std::move(version)), to(std::move(listens)), ended(executor) {}
    std::string from;
    listener to;
    net::event ended;
    watch_end end;
  };

  explicit scripted_watch(asio::any_io_executor executor) : executor_(std::move(executor)) {}

  asio::awaitable<watch_end> watch(std::string from, std::chrono::seconds, listener to) override {
    all.push_back(std::make_unique<one>(executor_, std::move(from), std::move(to)));
    auto& mine = *all.back();
    co_await mine.ended.wait();
    co_return mine.end;
  }
  void stop() override {
    ++stops;
    if (!all.empty() && !all.back()->ended.is_set()) finish({manner::lost, {reason::api_unreachable, "stopped", {}}});
  }
  bool is_outdated() const override { return outdated; }
  bool is_looking_up() const noexcept override { return false; }

  void finish(watch_end how) {
    all.back()->end = std::move(how);
    all.back()->ended.set();
  }

  std::deque<std::unique_ptr<one>> all;
  int stops = 0;
  bool outdated = false;

 private:
  asio::any_io_executor executor_;
};

health::pod_truth version(std::string number, bool ready) {
  auto truth = pod_with(ready);
  std::get<health::pod>(truth).resource_version = std::move(number);
  return truth;
}

watch_event changed(const std::string& number, bool ready) {
  return {.what = watch_event::type::changed,
          .subject = std::get<health::pod>(version(number, ready)),
          .resource_version = number};
}

class WatchKeeper : public testing::Test {
 protected:
  WatchKeeper() {
    answers.stale_grace = 30s;
    answers.answer_timeout = 10s;
    answers.begins_with = memory::interrupted;
    answers.announce = [this](const news& heard) { announced.push_back(heard); };
    settings.pause = 1ms;
    settings.longest_pause = 1ms;
    settings.longest_forbidden_pause = 1ms;
    settings.check = 1h;
    settings.check_again = 1ms;
    settings.catch_up = 1ms;
    settings.head = 1h;
    settings.first_event = 1ms;
    settings.random = [] { return 0.5; };
    settings.tell = [this](bool good, const std::string& message, const std::string&) {
      told.push_back((good ? "good: " : "bad: ") + message);
    };
  }

  void start() {
    service.emplace(context.get_executor(), answers, &source);
    keeper.emplace(context.get_executor(), settings, watch, *service);
    keeper->start();
    settle();
  }

  /// Up to a watch that is accepted, with a pod of version 1.
  void start_watching(bool ready = true) {
    start();
    look(version("1", ready));
    accept();
  }

  void settle() {
    context.restart();
    context.poll();
  }
  template <class Condition>
  bool run_until(Condition condition) {
    return test::run_until(context, condition);
  }

  /// The GET that is due is under way.
  scripted_source::call& send_look() {
    EXPECT_TRUE(run_until([&] { return source.calls.size() > looks; })) << "nobody looks";
    auto& call = *source.calls.at(looks++);
    call.go.set();
    settle();
    return call;
  }
  void answer_look(scripted_source::call& call, kube::fetch_result result) {
    if (auto* seen = std::get_if<kube::observation>(&result); seen && seen->started == time_point{}) {
      seen->started = call.started;
    }
    call.result = std::move(result);
    call.answered.set();
    settle();
  }
  void answer_look(scripted_source::call& call, health::pod_truth truth) {
    answer_look(call, kube::observation{std::move(truth), {}});
  }

  /// The GET that is due, and what it brings.
  void look(kube::fetch_result result) { answer_look(send_look(), std::move(result)); }
  void look(health::pod_truth truth) { look(kube::observation{std::move(truth), {}}); }

  void accept() {
    ASSERT_TRUE(run_until([&] { return watch.all.size() > accepted; })) << "nobody watches";
    accepted = watch.all.size();
    now().to.sent();
    now().to.accepted();
    settle();
  }

  scripted_watch::one& now() { return *watch.all.back(); }
  void tell(const watch_event& event) {
    now().to.told(event);
    settle();
  }
  void end(watch_end how) {
    watch.finish(std::move(how));
    settle();
  }
  void lose() { end({manner::lost, {reason::api_unreachable, "it broke off", {}}}); }

  std::optional<answer> at_once() { return service->at_once(); }
  std::shared_ptr<test::started<answer>> ask() {
    auto asked = test::start(context, service->ask());
    settle();
    return asked;
  }
  answer wait_for(const std::shared_ptr<test::started<answer>>& asked) {
    EXPECT_TRUE(run_until([&] { return asked->value.has_value(); })) << "no answer";
    return asked->value.value_or(answer{});
  }

  asio::io_context context{1};
  scripted_source source{context.get_executor()};
  scripted_watch watch{context.get_executor()};
  health_settings answers;
  watch_settings settings;
  std::vector<news> announced;
  std::vector<std::string> told;
  std::optional<health_service> service;
  std::optional<watch_keeper> keeper;
  std::size_t looks = 0;
  std::size_t accepted = 0;
};

TEST_F(WatchKeeper, FirstQuestionWaitsForTheFirstTruth) {
  start();
  const auto early = ask();
  EXPECT_FALSE(early->value);
  look(version("1", true));
  EXPECT_EQ(wait_for(early), ready_answer);
}

TEST_F(WatchKeeper, FirstQuestionWaitsNoLongerThanClientsDo) {
  answers.answer_timeout = 1ms;
  start();
  EXPECT_EQ(wait_for(ask()), answer{verdict_of(reason::api_timeout)});
}

TEST_F(WatchKeeper, QuestionWithoutATruthIsToldWhyThereIsNone) {
  answers.answer_timeout = 1ms;
  start();
  look(kube::failure{reason::api_forbidden, "no", {}});
  EXPECT_EQ(wait_for(ask()), answer{verdict_of(reason::api_forbidden)});
}

TEST_F(WatchKeeper, WatchGoesOnFromTheGet) {
  start();
  look(version("41", true));
  ASSERT_EQ(watch.all.size(), 1U);
  EXPECT_EQ(now().from, "41");
}

TEST_F(WatchKeeper, WatchOnAPodThatIsNotThereBeginsWithThePodAsItIs) {
  start();
  look(health::pod_truth{health::no_pod{}});
  ASSERT_EQ(watch.all.size(), 1U);
  EXPECT_EQ(now().from, "");
  accept();
  look(health::pod_truth{health::no_pod{}});
  EXPECT_EQ(at_once(), answer{verdict_of(reason::pod_not_found)});
  tell(changed("7", true));
  EXPECT_EQ(at_once(), answer{verdict_of(reason::pod_not_found)}) << "what it begins with may be older than the GET";
  look(version("7", true));
  EXPECT_EQ(at_once(), ready_answer);
  tell(changed("8", false));
  EXPECT_EQ(at_once(), not_ready_answer);
}

TEST_F(WatchKeeper, WatchThatBeganBehindTheGetIsWaitedFor) {
  settings.catch_up = 1h;
  start();
  look(health::pod_truth{health::no_pod{}});
  accept();
  look(health::pod_truth{health::no_pod{}});
  tell(changed("5", true));
  look(version("7", false));
  EXPECT_EQ(at_once(), not_ready_answer);
  tell(changed("6", true));
  EXPECT_EQ(at_once(), not_ready_answer);
  tell(changed("7", false));
  tell(changed("8", true));
  EXPECT_EQ(at_once(), ready_answer);
  EXPECT_EQ(watch.stops, 0);
}

TEST_F(WatchKeeper, AnswersFromMemoryCauseNoCalls) {
  start_watching();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(at_once(), ready_answer);
  settle();
  EXPECT_EQ(source.calls.size(), 1U);
}

TEST_F(WatchKeeper, GetIsGoodEnoughUntilTheHeadOfTheWatchComes) {
  start();
  look(version("1", true));
  EXPECT_EQ(at_once(), std::nullopt);
  now().to.sent();
  settle();
  EXPECT_EQ(at_once(), ready_answer);
}

TEST_F(WatchKeeper, WatchThatIsRefusedAgainAndAgainIsToldOfOnce) {
  start();
  look(version("1", true));
  now().to.sent();
  settle();
  end({manner::refused, {reason::api_error, "no", {}}});
  announced.clear();
  for (std::size_t i = 2; i < 6; ++i) {
    look(version("1", true));
    ASSERT_EQ(watch.all.size(), i);
    now().to.sent();
    settle();
    end({manner::refused, {reason::api_error, "no", {}}});
  }
  for (const auto& heard : announced) {
    EXPECT_TRUE(heard.given.held || !heard.somebody_asked) << "clients would hear that all is well again";
  }
}

TEST_F(WatchKeeper, HeadThatIsKeptBackUntilTheFirstEventIsWaitedForInVain) {
  settings.head = 1ms;
  start();
  look(version("1", true));
  now().to.sent();
  EXPECT_TRUE(run_until([&] { return at_once() == ready_answer; }));
}

TEST_F(WatchKeeper, HeadThatComesLateIsNoReasonForACheck) {
  settings.head = 1ms;
  start();
  look(version("1", true));
  now().to.sent();
  ASSERT_TRUE(run_until([&] { return at_once() == ready_answer; }));
  now().to.accepted();
  settle();
  EXPECT_EQ(source.calls.size(), 1U);
}

TEST_F(WatchKeeper, EventIsTheTruthAtOnce) {
  start_watching();
  tell(changed("2", false));
  EXPECT_EQ(at_once(), not_ready_answer);
  EXPECT_EQ(announced.back().given, not_ready_answer);
  tell(changed("3", true));
  EXPECT_EQ(at_once(), ready_answer);
}

TEST_F(WatchKeeper, DeletedPodIsGoneAndAnotherOfItsNameIsAnother) {
  answers.bound_uid = [] { return "uid-1"; };
  start_watching();
  tell({.what = watch_event::type::deleted, .resource_version = "2"});
  EXPECT_EQ(at_once(), answer{verdict_of(reason::pod_not_found)});
  auto other = changed("3", true);
  other.subject.uid = "uid-2";
  tell(other);
  EXPECT_EQ(at_once(), answer{verdict_of(reason::pod_replaced)});
}

TEST_F(WatchKeeper, EndThatWasAskedForIsNoInterruption) {
  settings.shortest_watch = settings.longest_watch = 0s;
  start_watching();
  tell(changed("2", true));
  tell({.what = watch_event::type::bookmark, .resource_version = "9"});
  end({manner::completed});
  ASSERT_EQ(watch.all.size(), 2U) << "not at once";
  EXPECT_EQ(now().from, "9");
  EXPECT_EQ(at_once(), ready_answer);
  accept();
  EXPECT_EQ(at_once(), ready_answer);
  EXPECT_EQ(source.calls.size(), 1U);
}

TEST_F(WatchKeeper, EarlyEndIsAnInterruptionAndLeadsToAGet) {
  start_watching();
  end({manner::completed});
  EXPECT_EQ(at_once(), std::nullopt);
  EXPECT_EQ(wait_for(ask()), (answer{ready_answer.verdict, 0s}));
  look(version("5", false));
  EXPECT_EQ(now().from, "5");
  accept();
  EXPECT_EQ(at_once(), not_ready_answer);
}

TEST_F(WatchKeeper, LostWatchIsHeldAndToldOfOnce) {
  start_watching();
  announced.clear();
  lose();
  ASSERT_EQ(announced.size(), 1U);
  EXPECT_EQ(announced[0].given, (answer{ready_answer.verdict, 0s}));
  EXPECT_EQ(announced[0].cause, reason::api_unreachable);
  EXPECT_EQ(announced[0].detail, "it broke off");
  EXPECT_EQ(wait_for(ask()), (answer{ready_answer.verdict, 0s}));
}

TEST_F(WatchKeeper, StrictAnswersWaitForTheWatchToComeBack) {
  answers.stale_grace = 0s;
  start_watching();
  lose();
  const auto asked = ask();
  EXPECT_FALSE(asked->value);
  look(version("2", true));
  EXPECT_EQ(wait_for(asked), ready_answer);
}

TEST_F(WatchKeeper, StrictAnswersAreUnknownWhileTheWatchIsAway) {
  answers.stale_grace = 0s;
  answers.answer_timeout = 1ms;
  start_watching();
  lose();
  EXPECT_EQ(wait_for(ask()), answer{verdict_of(reason::api_unreachable)});
}

TEST_F(WatchKeeper, KnownBadIsHeldToo) {
  start_watching(false);
  lose();
  EXPECT_EQ(wait_for(ask()), (answer{not_ready_answer.verdict, 0s}));
}

TEST_F(WatchKeeper, GetThatFailsIsTriedAgain) {
  start();
  look(kube::failure{reason::api_unreachable, {}, {}});
  look(kube::failure{reason::api_unreachable, {}, {}});
  EXPECT_TRUE(watch.all.empty());
  look(version("1", true));
  EXPECT_EQ(watch.all.size(), 1U);
}

TEST_F(WatchKeeper, ExpiredVersionIsNotAskedForAgainAndIsNoInterruption) {
  settings.pause = settings.longest_pause = 1h;
  start_watching();
  end({manner::expired, {reason::api_error, "too old", {}}});
  ASSERT_EQ(watch.all.size(), 2U);
  EXPECT_EQ(now().from, "");
  EXPECT_EQ(at_once(), ready_answer);
  accept();
  look(version("1", true));
  tell(changed("1", true));
  EXPECT_EQ(at_once(), ready_answer);
  tell(changed("9", false));
  EXPECT_EQ(at_once(), not_ready_answer);
}

TEST_F(WatchKeeper, VersionThatExpiredAfterARestartCostsNoSecondPause) {
  start_watching();
  lose();
  settings.pause = settings.longest_pause = 1h;
  look(version("1", true));
  end({manner::expired, {reason::api_error, "too old", {}}});
  EXPECT_EQ(watch.all.size(), 3U);
}

/// An API server that was away, and a pod that nobody has changed meanwhile.
class WatchKeeperAfterAnOutage : public WatchKeeper {
 protected:
  void come_back() {
    start_watching();
    lose();
    look(kube::failure{reason::api_unreachable, {}, {}});
    look(version("1", true));
    ASSERT_EQ(watch.all.size(), 2U);
    EXPECT_EQ(now().from, "");
  }
  std::size_t gets() const { return source.calls.size(); }
  static constexpr std::size_t begun = 3;  // GETs
};

TEST_F(WatchKeeperAfterAnOutage, WatchThatBeginsAsKnownNeedsNoOtherGet) {
  settings.first_event = 1h;
  come_back();
  EXPECT_EQ(at_once(), std::nullopt);
  accept();
  EXPECT_EQ(at_once(), ready_answer) << "the GET is good enough until the first event";
  tell(changed("1", true));
  EXPECT_EQ(at_once(), ready_answer);
  tell(changed("2", false));
  EXPECT_EQ(at_once(), not_ready_answer);
  EXPECT_EQ(gets(), begun);
}

TEST_F(WatchKeeperAfterAnOutage, ItIsCheckedWhenACheckIsDue) {
  settings.first_event = 1h;
  settings.check = 20ms;
  come_back();
  accept();
  tell(changed("1", true));
  EXPECT_TRUE(run_until([&] { return gets() > begun; })) << "nobody checks";
}

TEST_F(WatchKeeperAfterAnOutage, FirstEventThatComesWithTheHeadIsHeard) {
  settings.first_event = 1h;
  settings.check = 20ms;
  come_back();
  accepted = watch.all.size();
  now().to.sent();
  now().to.accepted();
  now().to.told(changed("1", true));
  EXPECT_TRUE(run_until([&] { return gets() > begun; })) << "it still waits for the first event";
}

TEST_F(WatchKeeperAfterAnOutage, WatchThatBeginsWithAnotherVersionIsChecked) {
  settings.first_event = 1h;
  come_back();
  accept();
  tell(changed("3", false));
  EXPECT_EQ(at_once(), not_ready_answer);
  look(version("3", false));
  EXPECT_EQ(at_once(), not_ready_answer);
  settle();
  EXPECT_EQ(gets(), begun + 1);
}

TEST_F(WatchKeeperAfterAnOutage, WatchThatDoesNotBeginWithAPodThereShouldBeIsChecked) {
  come_back();
  accept();
  look(health::pod_truth{health::no_pod{}});
  EXPECT_EQ(at_once(), answer{verdict_of(reason::pod_not_found)});
}

TEST_F(WatchKeeperAfterAnOutage, BookmarkIsNoFirstEvent) {
  settings.first_event = 1h;
  come_back();
  accept();
  tell({.what = watch_event::type::bookmark, .resource_version = "9"});
  settle();
  EXPECT_EQ(gets(), begun);
  tell(changed("1", true));
  settle();
  EXPECT_EQ(gets(), begun);
}

/// A server that is behind tells what was known, too.
TEST_F(WatchKeeperAfterAnOutage, FirstEventMakesNothingYounger) {
  answers.memory_lasts = 5s;
  settings.first_event = 1h;
  start();
  look(kube::observation{version("1", true), boottime_clock::now() - 20s});
  accept();
  lose();
  look(kube::failure{reason::api_unreachable, {}, {}});
  look(kube::observation{version("1", true), boottime_clock::now() - 10s});
  accept();
  tell(changed("1", true));
  EXPECT_EQ(gets(), begun);
  EXPECT_EQ(at_once(), std::nullopt);
  tell(changed("2", true));
  EXPECT_EQ(at_once(), std::nullopt);
}

TEST_F(WatchKeeperAfterAnOutage, PodThatHasChangedIsWatchedFromThereOn) {
  start_watching();
  lose();
  look(kube::failure{reason::api_unreachable, {}, {}});
  look(version("2", true));
  EXPECT_EQ(now().from, "2");
}

TEST_F(WatchKeeper, WatchThatBeginsAnewLongAfterTheLastGetIsChecked) {
  settings.first_event = 1h;
  settings.check = 5s;
  start();
  look(kube::observation{version("1", true), boottime_clock::now() - 10s});
  accept();
  end({manner::expired, {reason::api_error, "too old", {}}});
  accept();
  tell(changed("1", true));
  EXPECT_EQ(source.calls.size(), 2U);
}

/// By a GET of the last watch, which was 50 ms before another was due.
class WatchKeeperCheckedBefore : public WatchKeeper {
 protected:
  void start_watching_since_a_while() {
    settings.first_event = 1h;
    settings.check = 30s;
    start();
    look(kube::observation{version("1", true), boottime_clock::now() - settings.check + 50ms});
    accept();
  }
  bool is_checked() {
    return run_until([&] { return source.calls.size() > 1; });
  }
};

TEST_F(WatchKeeperCheckedBefore, WatchThatBeginsAnewIsCheckedWhenThatIsDue) {
  start_watching_since_a_while();
  end({manner::expired, {reason::api_error, "too old", {}}});
  accept();
  tell(changed("1", true));
  EXPECT_TRUE(is_checked());
}

TEST_F(WatchKeeperCheckedBefore, WatchThatGoesOnIsCheckedWhenThatIsDue) {
  settings.shortest_watch = settings.longest_watch = 0s;
  start_watching_since_a_while();
  end({manner::completed});
  accept();
  EXPECT_TRUE(is_checked());
}

/// Versions that are no numbers are not gone on from.
TEST_F(WatchKeeper, EachWatchThatBeginsAnewIsLearntAnew) {
  settings.shortest_watch = settings.longest_watch = 0s;
  start();
  look(version("a1", true));
  EXPECT_EQ(now().from, "");
  accept();
  tell(changed("a1", true));
  settle();
  EXPECT_EQ(source.calls.size(), 1U);
  end({manner::completed});
  EXPECT_EQ(now().from, "");
  accept();
  look(health::pod_truth{health::no_pod{}});
  EXPECT_EQ(at_once(), answer{verdict_of(reason::pod_not_found)}) << "it was deleted between the two";
}

TEST_F(WatchKeeper, WatchThatBeganAnewIsCheckedSinceItTellsNothingOfAPodThatHasGone) {
  settings.pause = settings.longest_pause = 1h;
  start_watching();
  end({manner::expired, {reason::api_error, "too old", {}}});
  accept();
  look(health::pod_truth{health::no_pod{}});
  EXPECT_EQ(at_once(), answer{verdict_of(reason::pod_not_found)});
  EXPECT_EQ(source.calls.size(), 2U);
}

/// Of two API servers one may be behind the other.
TEST_F(WatchKeeper, WatchThatBeganAnewDoesNotTakeBackWhatAGetHasShown) {
  start_watching();
  tell(changed("12", false));
  end({manner::expired, {reason::api_error, "too old", {}}});
  accept();
  tell(changed("9", true));
  EXPECT_EQ(at_once(), not_ready_answer);
  look(kube::failure{reason::api_error, "busy", {}});
  EXPECT_EQ(at_once(), not_ready_answer);
  look(version("12", false));
  EXPECT_EQ(at_once(), not_ready_answer);
  tell(changed("12", false));
  tell(changed("13", true));
  EXPECT_EQ(at_once(), ready_answer);
}

/// The GET is the truth, so what the watch was waited for until then is old.
TEST_F(WatchKeeper, EventThatADoubtfulOneAnnouncedDoesNotTakeBackWhatAGetHasShown) {
  settings.catch_up = 1h;
  start_watching();
  tell(changed("5", true));
  end({manner::expired, {reason::api_error, "too old", {}}});
  accept();
  auto& check = send_look();
  tell(changed("3", true));
  answer_look(check, version("6", false));
  EXPECT_EQ(at_once(), not_ready_answer);
  tell(changed("5", true));
  EXPECT_EQ(at_once(), not_ready_answer);
  tell(changed("6", false));
  EXPECT_EQ(at_once(), not_ready_answer);
  tell(changed("7", true));
  EXPECT_EQ(at_once(), ready_answer);
  EXPECT_EQ(watch.stops, 0);
}

TEST_F(WatchKeeper, GetThatOutlivesItsWatchIsNotTakenBackEither) {
  settings.check = 1ms;
  start_watching();
  tell(changed("5", true));
  auto& check = send_look();
  end({manner::expired, {reason::api_error, "too old", {}}});
  accept();
  answer_look(check, version("6", false));
  EXPECT_EQ(at_once(), not_ready_answer);
  tell(changed("3", true));
  tell(changed("5", true));
  EXPECT_EQ(at_once(), not_ready_answer);
}

/// Two versions that cannot be ordered, in the flight of a GET: another GET decides, and until then the less healthy of
/// the two stands.
TEST_F(WatchKeeper, WhatCannotBeOrderedIsLearnedByAnotherGet) {
  settings.check = 1ms;
  start();
  look(version("a", true));
  accept();
  tell(changed("a", true));
  auto& check = send_look();
  tell(changed("b", false));
  EXPECT_EQ(at_once(), not_ready_answer);
  answer_look(check, version("c", true));
  EXPECT_EQ(at_once(), not_ready_answer);
  look(version("c", true));
  EXPECT_EQ(at_once(), ready_answer);
}

TEST_F(WatchKeeper, GetOfAnUnreadyPodStandsBesideAnEventOfAReadyOne) {
  settings.check = 1ms;
  start();
  look(version("a", true));
  accept();
  tell(changed("a", true));
  auto& check = send_look();
  tell(changed("b", true));
  answer_look(check, version("c", false));
  EXPECT_EQ(at_once(), not_ready_answer);
}

TEST_F(WatchKeeper, VersionThatExpiresTwiceIsAnInterruption) {
  settings.pause = settings.longest_pause = 1h;
  start_watching();
  end({manner::expired, {reason::api_error, "too old", {}}});
  end({manner::expired, {reason::api_error, "too old", {}}});
  EXPECT_EQ(at_once(), std::nullopt);
  EXPECT_EQ(watch.all.size(), 2U);
}

TEST_F(WatchKeeper, BookmarkDoesNotOvertakeAGet) {
  settings.check = 1ms;
  start_watching();
  auto& check = send_look();
  tell({.what = watch_event::type::bookmark, .resource_version = "9"});
  answer_look(check, version("2", false));
  EXPECT_EQ(at_once(), not_ready_answer);
}

/// A server that is cut off from its store sends bookmarks, and answers no GET.
TEST_F(WatchKeeper, BookmarksVouchForNothingWhileChecksFail) {
  settings.check = 1ms;
  answers.memory_lasts = 1min;
  start();
  look(kube::observation{version("1", true), boottime_clock::now() - 2min});
  accept();
  look(kube::failure{reason::api_error, "no store", {}});
  tell({.what = watch_event::type::bookmark, .resource_version = "9"});
  EXPECT_EQ(at_once(), std::nullopt);
  look(version("1", true));
  EXPECT_EQ(at_once(), ready_answer);
}

TEST_F(WatchKeeper, NoMemoryForTheFirstTruthIsGotOver) {
  bool fails = true;
  answers.bound_uid = [&] {
    if (std::exchange(fails, false)) throw std::bad_alloc{};
    return std::string{};
  };
  start();
  look(version("1", true));
  look(version("1", true));
  EXPECT_EQ(watch.all.size(), 1U);
}

TEST_F(WatchKeeper, NoMemoryForTheTruthOfACheckIsGotOver) {
  settings.check = 1ms;
  bool fails = false;
  answers.bound_uid = [&] {
    if (std::exchange(fails, false)) throw std::bad_alloc{};
    return std::string{};
  };
  start_watching();
  fails = true;
  look(version("2", false));
  look(version("2", false));
  EXPECT_EQ(at_once(), not_ready_answer);
}

TEST_F(WatchKeeper, WatchThatNobodyChecksIsNotReliedOn) {
  int draws = 0;
  settings.random = [&] {
    if (++draws == 2) throw std::bad_alloc{};  // the first is for the watch's length
    return 0.5;
  };
  start_watching();
  EXPECT_TRUE(run_until([&] { return watch.stops == 1; }));
  look(version("1", true));
  accept();
  EXPECT_EQ(at_once(), ready_answer);
}

TEST_F(WatchKeeper, KeepingEndsInAnExceptionOnlyToBeStartedAgain) {
  bool fails = false;
  settings.random = [&] {
    if (std::exchange(fails, false)) throw std::bad_alloc{};
    return 0.5;
  };
  start_watching();
  keeper->start();
  fails = true;
  EXPECT_THROW(lose(), std::bad_alloc);
  keeper->start();
  look(version("1", true));
  accept();
  EXPECT_EQ(at_once(), ready_answer);
}

TEST_F(WatchKeeper, CheckThatFindsNothingNewConfirms) {
  settings.check = 1ms;
  answers.memory_lasts = 1min;
  start();
  look(kube::observation{version("1", true), boottime_clock::now() - 2min});
  accept();
  EXPECT_EQ(at_once(), std::nullopt);
  look(version("1", true));
  EXPECT_EQ(at_once(), ready_answer);
  EXPECT_EQ(watch.stops, 0);
  EXPECT_TRUE(told.empty());
}

TEST_F(WatchKeeper, MemoryThatNobodyConfirmsIsHeld) {
  answers.memory_lasts = 0ns;
  start_watching();
  EXPECT_EQ(at_once(), std::nullopt);
  EXPECT_EQ(wait_for(ask()), (answer{ready_answer.verdict, 0s}));
}

/// Both are as late as the path that they came on.
TEST_F(WatchKeeper, NeitherEventsNorBookmarksMakeAnythingYounger) {
  answers.memory_lasts = 1s;
  start();
  look(kube::observation{version("1", true), boottime_clock::now() - 10s});
  accept();
  tell({.what = watch_event::type::bookmark, .resource_version = "9"});
  EXPECT_EQ(at_once(), std::nullopt);
  tell(changed("10", true));
  EXPECT_EQ(at_once(), std::nullopt);
  EXPECT_EQ(wait_for(ask()), (answer{ready_answer.verdict, 10s}));
}

TEST_F(WatchKeeper, EventAnswersNoClientThatWaitsWhereNothingIsCurrent) {
  answers.memory_lasts = 1s;
  answers.stale_grace = 0s;
  answers.answer_timeout = 50ms;
  start();
  look(kube::observation{version("1", true), boottime_clock::now() - 10s});
  accept();
  const auto asked = ask();
  tell(changed("2", true));
  EXPECT_EQ(wait_for(asked).verdict.state, health::state::unknown);
}

TEST_F(WatchKeeper, ChangeThatOnlyACheckFindsIsTheTruthAndTheWatchBegunAgain) {
  settings.check = 1ms;
  settings.pause = settings.longest_pause = 1h;
  start_watching();
  look(version("2", false));
  EXPECT_EQ(at_once(), not_ready_answer) << "a GET knows better than a watch that is silent";
  ASSERT_TRUE(run_until([&] { return watch.stops > 0; }));
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].substr(0, 27), "bad: the watch did not tell");
  EXPECT_EQ(at_once(), not_ready_answer);
  look(version("2", false));
  EXPECT_EQ(watch.all.size(), 2U) << "at once";
}

TEST_F(WatchKeeper, ChangeThatTheWatchTellsInTimeIsNoDivergence) {
  settings.check = 1ms;
  settings.catch_up = 1h;
  start_watching();
  look(version("3", false));
  tell(changed("2", true));
  EXPECT_EQ(at_once(), not_ready_answer) << "older than what the GET has shown";
  tell(changed("3", false));
  tell(changed("4", true));
  EXPECT_EQ(at_once(), ready_answer);
  EXPECT_EQ(watch.stops, 0);
}

TEST_F(WatchKeeper, GetThatAnEventOvertookSaysThatTheEventIsCurrent) {
  settings.check = 1ms;
  start_watching();
  auto& check = send_look();
  tell(changed("2", false));
  answer_look(check, version("1", true));
  EXPECT_EQ(at_once(), not_ready_answer);
  look(version("2", false));
  EXPECT_EQ(at_once(), not_ready_answer);
  EXPECT_EQ(watch.stops, 0);
}

TEST_F(WatchKeeper, OldEventInTheFlightOfAGetDoesNotOvertakeIt) {
  settings.check = 1ms;
  settings.catch_up = 1h;
  start_watching();
  tell(changed("99", true));
  auto& check = send_look();
  tell(changed("100", true));
  answer_look(check, version("104", false));
  EXPECT_EQ(at_once(), not_ready_answer);
  tell(changed("103", true));
  EXPECT_EQ(at_once(), not_ready_answer);
}

TEST_F(WatchKeeper, CheckThatFailsChangesNothingAndIsMadeAgainSoon) {
  settings.check = 1ms;
  start_watching();
  announced.clear();
  look(kube::failure{reason::api_timeout, {}, {}});
  EXPECT_EQ(at_once(), ready_answer);
  EXPECT_TRUE(announced.empty());
  look(version("1", true));
  EXPECT_EQ(at_once(), ready_answer);
}

TEST_F(WatchKeeper, WithoutPermissionAnswersAreLiveAndItIsToldOnce) {
  start();
  look(version("1", true));
  for (std::size_t i = 0; i < 3; ++i) {
    ASSERT_TRUE(run_until([&] { return watch.all.size() > i; }));
    now().to.sent();
    end({manner::refused, {reason::api_forbidden, "no", {}}});
  }
  ASSERT_EQ(told.size(), 1U);
  const auto asked = ask();
  look(version("2", false));
  EXPECT_EQ(asked->value, not_ready_answer);
  EXPECT_EQ(source.calls.size(), 2U) << "the watch's attempts need no GETs";
}

class WithoutPermission : public WatchKeeper, public testing::WithParamInterface<std::chrono::seconds> {};

/// The token may read the pod, so there is nothing to say of the answers.
TEST_P(WithoutPermission, NoVerdictIsToldOf) {
  answers.stale_grace = GetParam();
  start();
  look(version("1", true));
  announced.clear();
  now().to.sent();
  end({manner::refused, {reason::api_forbidden, "no", {}}});
  EXPECT_EQ(told.size(), 1U);
  EXPECT_TRUE(announced.empty());
}

INSTANTIATE_TEST_SUITE_P(WithAGraceOf, WithoutPermission, testing::Values(0s, 30s),
                         [](const auto& of) { return std::to_string(of.param.count()) + "s"; });

TEST_F(WatchKeeper, WhoWaitsForAWatchThatMayNotBeGetsALiveAnswer) {
  answers.stale_grace = 0s;
  start();
  look(health::pod_truth{health::no_pod{}});
  const auto asked = ask();
  EXPECT_FALSE(asked->value);
  now().to.sent();
  end({manner::refused, {reason::api_forbidden, "no", {}}});
  look(version("2", true));
  EXPECT_EQ(wait_for(asked), ready_answer);
}

TEST_F(WatchKeeper, PermissionThatIsGrantedLaterIsMadeUseOf) {
  start();
  look(version("1", true));
  end({manner::refused, {reason::api_forbidden, "no", {}}});
  ASSERT_TRUE(run_until([&] { return watch.all.size() == 2; }));
  EXPECT_EQ(now().from, "");
  accept();
  tell(changed("1", true));
  EXPECT_EQ(at_once(), std::nullopt) << "nothing has been learned since";
  look(version("2", false));
  EXPECT_EQ(at_once(), not_ready_answer);
  EXPECT_EQ(told.size(), 2U);
  tell(changed("2", false));
  tell(changed("3", true));
  EXPECT_EQ(at_once(), ready_answer);
}

TEST_F(WatchKeeper, RetryAfterIsWaitedFor) {
  start();
  look(version("1", true));
  const auto before = boottime_clock::now();
  end({manner::refused, {reason::api_busy, "later", 1s}});
  ASSERT_TRUE(run_until([&] { return source.calls.size() == 2; }));
  EXPECT_GE(boottime_clock::now() - before, 1s);
}

TEST_F(WatchKeeper, PausesGrowWithEachFailureUpToTheLongest) {
  settings.pause = 20ms;
  settings.longest_pause = 50ms;
  settings.random = [] { return 0.999; };
  start();
  for (const auto least : {19ms, 39ms, 49ms, 49ms}) {
    look(kube::failure{reason::api_unreachable, {}, {}});
    const auto before = boottime_clock::now();
    const auto calls = source.calls.size();
    ASSERT_TRUE(run_until([&] { return source.calls.size() > calls; }));
    EXPECT_GE(boottime_clock::now() - before, least);
  }
}

TEST_F(WatchKeeper, WatchThatTrustsAReplacedBundleIsBegunAgainWithoutInterruption) {
  settings.check = 1ms;
  settings.pause = settings.longest_pause = 1h;
  start_watching();
  announced.clear();
  watch.outdated = true;
  look(version("1", true));
  ASSERT_TRUE(run_until([&] { return watch.all.size() == 2; }));
  watch.outdated = false;
  EXPECT_EQ(now().from, "1");
  EXPECT_EQ(at_once(), ready_answer);
  EXPECT_EQ(source.calls.size(), 2U);
  EXPECT_TRUE(told.empty());
}

TEST_F(WatchKeeper, StopEndsTheWatchForGood) {
  start_watching();
  keeper->stop();
  service->drain();
  settle();
  EXPECT_EQ(watch.stops, 1);
  EXPECT_EQ(watch.all.size(), 1U);
  EXPECT_EQ(at_once(), answer{verdict_of(reason::draining)});
}

TEST_F(WatchKeeper, StopEndsAPauseToo) {
  settings.pause = settings.longest_pause = 1h;
  start_watching();
  lose();
  keeper->stop();
  settle();
  EXPECT_TRUE(context.stopped()) << "something is waited for still";
}

TEST_F(WatchKeeper, WhoWaitsForATruthIsToldOfADrain) {
  start();
  const auto asked = ask();
  keeper->stop();
  service->drain();
  EXPECT_EQ(wait_for(asked), answer{verdict_of(reason::draining_unready)});
}

TEST_F(WatchKeeper, SourceThatThrowsCostsAPause) {
  start();
  source.calls[looks++]->throws = true;
  source.calls[0]->go.set();
  source.calls[0]->answered.set();
  look(version("1", true));
  EXPECT_EQ(watch.all.size(), 1U);
}

TEST_F(WatchKeeper, ContainersOfPathsAreAnsweredFromMemoryAndToldOf) {
  start_watching();
  announced.clear();
  EXPECT_EQ(service->at_once("game"), answer{verdict_of(reason::container_ready)});
  EXPECT_EQ(service->at_once("gmae"), answer{verdict_of(reason::no_such_container)});
  EXPECT_EQ(service->at_once("gmae"), answer{verdict_of(reason::no_such_container)});
  ASSERT_EQ(announced.size(), 2U);
  EXPECT_EQ(announced[0].container, "game");
  EXPECT_EQ(announced[1].container, "gmae");
  tell(changed("2", false));
  EXPECT_EQ(announced.back().container, "game");
  EXPECT_EQ(announced.back().cause, reason::container_not_ready);
}

}  // namespace
}  // namespace sidecar::app
