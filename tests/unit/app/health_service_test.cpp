#include "sidecar/app/health_service.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "sidecar/net/event.hpp"
#include "unit/app/scripted_source.hpp"

namespace sidecar::app {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using health::answer;
using health::reason;

/// Of two containers.
health::pod pod_of(bool game, bool web) {
  auto pod = std::get<health::pod>(pod_with(game));
  pod.containers.push_back({"web", health::container::kind::regular});
  pod.statuses.push_back({"web", web});
  return pod;
}

class HealthService : public testing::Test {
 protected:
  HealthService() {
    settings.stale_grace = 30s;
    settings.answer_timeout = 10s;
    settings.announce = [this](const news& heard) { announced.push_back(heard); };
  }

  health_service& service() {
    if (!service_) service_.emplace(ctx.get_executor(), settings, &source);
    return *service_;
  }

  struct asked {
    std::optional<answer> got;
  };

  std::shared_ptr<asked> ask(std::string container = {}) {
    auto slot = std::make_shared<asked>();
    asio::co_spawn(ctx, ask_into(slot, std::move(container)),
                   [](std::exception_ptr error) { ASSERT_EQ(error, nullptr); });
    settle();
    return slot;
  }

  asio::awaitable<void> ask_into(std::shared_ptr<asked> slot, std::string container) {
    auto answered = service().ask(std::move(container));
    auto got = co_await std::move(answered);
    slot->got = got;
  }

  void settle() {
    ctx.restart();
    ctx.poll();
  }

  /// Runs until there is an answer; never longer than a test may take.
  answer wait_for(const std::shared_ptr<asked>& slot) {
    ctx.restart();
    const auto end = std::chrono::steady_clock::now() + 5s;
    while (!slot->got && std::chrono::steady_clock::now() < end) ctx.run_one_for(100ms);
    EXPECT_TRUE(slot->got) << "no answer";
    return slot->got.value_or(answer{});
  }

  template <class Condition>
  bool run_until(Condition condition) {
    ctx.restart();
    const auto end = std::chrono::steady_clock::now() + 5s;
    while (!condition() && std::chrono::steady_clock::now() < end) ctx.run_one_for(100ms);
    return condition();
  }

  scripted_source::call& call(std::size_t number) { return *source.calls.at(number); }

  void seal(std::size_t number) {
    call(number).go.set();
    settle();
  }

  void finish(std::size_t number, kube::fetch_result result) {
    seal(number);
    call(number).result = std::move(result);
    call(number).answered.set();
    settle();
  }

  void finish_with_pod(std::size_t number, bool ready) {
    seal(number);
    finish(number, kube::observation{pod_with(ready), call(number).started});
  }

  void finish_with(std::size_t number, health::pod_truth truth) {
    seal(number);
    finish(number, kube::observation{std::move(truth), call(number).started});
  }

  /// What the log hears of a container, as "<name> <reason>".
  std::vector<std::string> heard_of_containers() const {
    std::vector<std::string> out;
    for (const news& one : announced)
      if (!one.container.empty()) out.push_back(one.container + ' ' + std::string{health::name(one.cause)});
    return out;
  }

  void learn(bool ready) {
    const auto number = source.calls.size();
    auto first = ask();
    finish_with_pod(number, ready);
    ASSERT_TRUE(first->got);
  }

  asio::io_context ctx{1};
  scripted_source source{ctx.get_executor()};
  health_settings settings;
  std::vector<news> announced;
  std::optional<health_service> service_;
};

const answer container_answer{verdict_of(reason::container_ready)};

kube::failure failed(reason why, std::optional<std::chrono::seconds> retry_after = {}) {
  return {why, "detail", retry_after};
}

TEST_F(HealthService, QuestionsBeforeTheSealShareOneCall) {
  auto first = ask();
  auto second = ask();
  finish_with_pod(0, true);
  EXPECT_EQ(first->got, ready_answer);
  EXPECT_EQ(second->got, ready_answer);
  EXPECT_EQ(source.calls.size(), 1U);
}

TEST_F(HealthService, QuestionAfterTheSealIsAnsweredByTheNextCall) {
  auto first = ask();
  seal(0);
  auto second = ask();
  ASSERT_EQ(source.calls.size(), 1U) << "one call at a time";
  finish(0, kube::observation{pod_with(true), call(0).started});
  EXPECT_EQ(first->got, ready_answer);
  EXPECT_FALSE(second->got) << "its question came after that GET began";
  ASSERT_EQ(source.calls.size(), 2U);
  finish_with_pod(1, false);
  EXPECT_EQ(second->got, not_ready_answer);
}

TEST_F(HealthService, EverybodyWhoComesDuringACallSharesTheNextOne) {
  auto first = ask();
  seal(0);
  std::vector<std::shared_ptr<asked>> crowd;
  for (int i = 0; i < 100; ++i) crowd.push_back(ask());
  finish(0, kube::observation{pod_with(true), call(0).started});
  finish_with_pod(1, false);
  for (const auto& one : crowd) EXPECT_EQ(one->got, not_ready_answer);
  EXPECT_EQ(source.calls.size(), 2U);
  EXPECT_EQ(source.most_under_way, 1);
}

TEST_F(HealthService, FailureBeforeTheSealIsSharedByThoseWhoCameMeanwhile) {
  auto first = ask();
  call(0).fails_unsealed = true;
  auto second = ask();
  finish(0, failed(reason::api_unreachable));
  EXPECT_EQ(first->got, answer{verdict_of(reason::api_unreachable)});
  EXPECT_EQ(second->got, answer{verdict_of(reason::api_unreachable)});
  EXPECT_EQ(source.calls.size(), 1U);
}

TEST_F(HealthService, QuestionAfterAFailureStartsANewCall) {
  auto first = ask();
  finish(0, failed(reason::api_unreachable));
  auto second = ask();
  ASSERT_EQ(source.calls.size(), 2U);
  finish_with_pod(1, true);
  EXPECT_EQ(second->got, ready_answer);
}

TEST_F(HealthService, SourceThatThrowsIsAFailureAndCallsGoOn) {
  auto first = ask();
  call(0).throws = true;
  finish(0, {});
  ASSERT_TRUE(first->got);
  EXPECT_EQ(first->got->verdict, verdict_of(reason::api_unreachable)) << "no API server has reported a failure";
  auto second = ask();
  ASSERT_EQ(source.calls.size(), 2U) << "no call is made any more";
  finish_with_pod(1, true);
  EXPECT_EQ(wait_for(second), ready_answer);
}

TEST_F(HealthService, AnnouncementThatThrowsDoesNotEndTheCalls) {
  settings.announce = [](const news&) { throw std::bad_alloc(); };
  auto first = ask();
  finish_with_pod(0, true);
  EXPECT_EQ(wait_for(first), ready_answer);
  auto second = ask();
  ASSERT_EQ(source.calls.size(), 2U) << "no call is made any more";
  finish_with_pod(1, false);
  EXPECT_EQ(wait_for(second), not_ready_answer);
}

TEST_F(HealthService, FreshAnswersAreNeverMarkedHeld) {
  learn(true);
  auto again = ask();
  finish_with_pod(1, true);
  ASSERT_TRUE(again->got);
  EXPECT_FALSE(again->got->held);
}

TEST_F(HealthService, FailureIsAnsweredFromTheLastTruth) {
  learn(true);
  auto later = ask();
  finish(1, failed(reason::api_unreachable));
  ASSERT_TRUE(later->got);
  EXPECT_EQ(later->got->verdict, ready_answer.verdict);
  EXPECT_EQ(later->got->held, 0s);
}

TEST_F(HealthService, KnownBadIsHeldAsBad) {
  learn(false);
  auto later = ask();
  finish(1, failed(reason::api_error));
  ASSERT_TRUE(later->got);
  EXPECT_EQ(later->got->verdict, not_ready_answer.verdict);
}

TEST_F(HealthService, NeverHealthyBeforeAFirstTruth) {
  auto first = ask();
  finish(0, failed(reason::api_forbidden));
  EXPECT_EQ(first->got, answer{verdict_of(reason::api_forbidden)});
}

TEST_F(HealthService, GraceOfZeroHoldsNothing) {
  settings.stale_grace = 0s;
  learn(true);
  auto later = ask();
  finish(1, failed(reason::api_unreachable));
  EXPECT_EQ(later->got, answer{verdict_of(reason::api_unreachable)});
}

TEST_F(HealthService, TruthOlderThanTheGraceIsNotHeld) {
  learn(true);
  auto stale = ask();
  finish(1, kube::observation{pod_with(true), boottime_clock::now() - 31s});
  auto later = ask();
  finish(2, failed(reason::api_unreachable));
  EXPECT_EQ(later->got, answer{verdict_of(reason::api_unreachable)});
}

TEST_F(HealthService, MissingPodIsTruthAndNotHeldHealthy) {
  learn(true);
  auto later = ask();
  seal(1);
  finish(1, kube::observation{health::no_pod{}, call(1).started});
  EXPECT_EQ(later->got, answer{verdict_of(reason::pod_not_found)});
}

TEST_F(HealthService, ClientThatCannotWaitGetsTheTruthMarkedHeld) {
  settings.answer_timeout = 5ms;
  learn(true);
  auto impatient = ask();
  seal(1);
  const auto got = wait_for(impatient);
  EXPECT_EQ(got.verdict, ready_answer.verdict);
  EXPECT_TRUE(got.held);
}

TEST_F(HealthService, ClientThatCannotWaitHearsUnknownWithoutATruth) {
  settings.answer_timeout = 5ms;
  auto impatient = ask();
  EXPECT_EQ(wait_for(impatient), answer{verdict_of(reason::api_timeout)});
}

TEST_F(HealthService, CallGoesOnBehindAClientThatLeftAndRefreshesTheTruth) {
  settings.answer_timeout = 5ms;
  auto impatient = ask();
  wait_for(impatient);
  finish_with_pod(0, true);
  auto next = ask();
  EXPECT_EQ(wait_for(next).verdict, ready_answer.verdict) << "held from the late truth";
}

TEST_F(HealthService, WaitingBatchRunsThoughItsQuestionersHaveLeft) {
  settings.answer_timeout = 5ms;
  auto first = ask();
  seal(0);
  auto second = ask();
  wait_for(second);
  finish(0, kube::observation{pod_with(true), call(0).started});
  EXPECT_EQ(source.calls.size(), 2U);
}

TEST_F(HealthService, LateQuestionerIsNotDelayedByAnEarlierDeadline) {
  settings.answer_timeout = 50ms;
  auto first = ask();
  auto second = ask();
  wait_for(first);
  wait_for(second);
  auto third = ask();
  EXPECT_EQ(wait_for(third), answer{verdict_of(reason::api_timeout)});
}

TEST_F(HealthService, WhileCallsTimeOutClientsWaitOnlyAMoment) {
  settings.answer_timeout = 1h;
  settings.timed_out_wait = 5ms;
  auto first = ask();
  finish(0, failed(reason::api_timeout));
  EXPECT_EQ(first->got, answer{verdict_of(reason::api_timeout)});
  auto second = ask();
  EXPECT_EQ(wait_for(second), answer{verdict_of(reason::api_timeout)});
}

TEST_F(HealthService, PatienceReturnsWithTheFirstAnswer) {
  settings.answer_timeout = 1h;
  settings.timed_out_wait = 5ms;
  auto first = ask();
  finish(0, failed(reason::api_timeout));
  auto second = ask();
  wait_for(second);
  finish_with_pod(1, true);
  auto third = ask();
  ctx.restart();
  ctx.run_for(30ms);
  EXPECT_FALSE(third->got);
  finish_with_pod(2, true);
  EXPECT_EQ(third->got, ready_answer);
}

TEST_F(HealthService, WhoJoinsACrowdGetsTheLastTruthSoonerAndOthersWaitOn) {
  settings.answer_timeout = 1h;
  settings.timed_out_wait = 5ms;
  settings.crowd = 2;
  auto before = ask();
  finish_with_pod(0, true);
  auto first = ask();
  auto second = ask();
  auto third = ask();
  EXPECT_TRUE(wait_for(third).held);
  EXPECT_EQ(third->got->verdict, ready_answer.verdict);
  EXPECT_FALSE(first->got || second->got);
  finish_with_pod(1, false);
  EXPECT_EQ(first->got, not_ready_answer);
}

TEST_F(HealthService, WhoJoinsACrowdWaitsWhereNothingIsHeld) {
  settings.answer_timeout = 1h;
  settings.timed_out_wait = 5ms;
  settings.crowd = 1;
  auto first = ask();
  auto second = ask();
  ctx.restart();
  ctx.run_for(30ms);
  EXPECT_FALSE(second->got);
  finish_with_pod(0, true);
  EXPECT_EQ(second->got, ready_answer);
}

TEST_F(HealthService, RetryAfterKeepsQuestionsFromCalling) {
  auto first = ask();
  finish(0, failed(reason::api_busy, 1s));
  auto second = ask();
  EXPECT_EQ(second->got, answer{verdict_of(reason::api_busy)});
  EXPECT_EQ(source.calls.size(), 1U);
}

TEST_F(HealthService, RetryAfterAnswersThoseWhoAlreadyWaitForTheNextCall) {
  auto first = ask();
  seal(0);
  auto second = ask();
  finish(0, failed(reason::api_busy, 1s));
  EXPECT_EQ(second->got, answer{verdict_of(reason::api_busy)});
  EXPECT_EQ(source.calls.size(), 1U);
}

TEST_F(HealthService, CallsAgainOnceRetryAfterIsOver) {
  auto first = ask();
  finish(0, failed(reason::api_busy, 0s));
  auto second = ask();
  ASSERT_EQ(source.calls.size(), 2U);
  finish_with_pod(1, true);
  EXPECT_EQ(second->got, ready_answer);
}

TEST_F(HealthService, DrainAnswersEverybodyAtOnce) {
  auto waiting = ask();
  seal(0);
  auto next = ask();
  service().drain();
  settle();
  const answer draining{verdict_of(reason::draining_unready)};
  EXPECT_EQ(waiting->got, draining);
  EXPECT_EQ(next->got, draining);
  EXPECT_EQ(service().at_once(), draining);
}

TEST_F(HealthService, CallThatEndsDuringTheDrainChangesNothing) {
  auto waiting = ask();
  service().drain();
  finish_with_pod(0, true);
  EXPECT_EQ(ask()->got, answer{verdict_of(reason::draining)});
  EXPECT_TRUE(announced.empty());
}

struct drain_row {
  std::string name;
  std::optional<health::pod_truth> truth;
  reason configured;
  reason game;
  friend void PrintTo(const drain_row& row, std::ostream* out) { *out << row.name; }
};

class DrainOf : public HealthService, public testing::WithParamInterface<drain_row> {};

TEST_P(DrainOf, ATargetThatWasReadyIsToldFromOneThatWasNot) {
  if (GetParam().truth) {
    auto first = ask();
    finish_with(0, *GetParam().truth);
    ASSERT_TRUE(first->got);
  }
  auto waiting = ask();
  auto waiting_for_game = ask("game");
  service().drain();
  settle();
  EXPECT_EQ(waiting->got, answer{verdict_of(GetParam().configured)});
  EXPECT_EQ(waiting_for_game->got, answer{verdict_of(GetParam().game)});
  EXPECT_EQ(service().at_once(), answer{verdict_of(GetParam().configured)});
  EXPECT_EQ(service().at_once("game"), answer{verdict_of(GetParam().game)});
  EXPECT_EQ(service().at_once("lobby"), answer{verdict_of(reason::draining_unready)});
}

health::pod leaving(health::pod pod) {
  pod.deletion_requested = true;
  return pod;
}

INSTANTIATE_TEST_SUITE_P(
    Rows, DrainOf,
    testing::Values(drain_row{"NothingKnown", std::nullopt, reason::draining_unready, reason::draining_unready},
                    drain_row{"Ready", pod_of(true, true), reason::draining, reason::draining},
                    drain_row{"Unready", pod_of(false, false), reason::draining_unready, reason::draining_unready},
                    drain_row{"AnotherUnready", pod_of(true, false), reason::draining_unready, reason::draining},
                    drain_row{"Leaving", leaving(pod_of(true, true)), reason::draining, reason::draining},
                    drain_row{"LeavingWithACrash", leaving(pod_of(true, false)), reason::draining_unready,
                              reason::draining},
                    drain_row{"Gone", health::no_pod{}, reason::draining_unready, reason::draining_unready}),
    [](const auto& tested) { return tested.param.name; });

TEST_F(HealthService, ADrainEndsWhenTheTargetStops) {
  settings.look_while_draining = 1ms;
  learn(true);
  service().drain();
  ASSERT_TRUE(run_until([&] { return source.calls.size() == 2; }));
  EXPECT_EQ(service().at_once(), answer{verdict_of(reason::draining)});
  finish_with_pod(1, false);
  EXPECT_EQ(service().at_once(), answer{verdict_of(reason::draining_unready)});
  ASSERT_TRUE(run_until([&] { return source.calls.size() == 3; }));
  finish_with_pod(2, true);
  EXPECT_EQ(service().at_once(), answer{verdict_of(reason::draining)});
  EXPECT_EQ(source.most_under_way, 1);
  ASSERT_EQ(announced.size(), 3U) << "the log hears of each change, and of nothing else";
  EXPECT_EQ(announced[1].cause, reason::draining_unready);
  EXPECT_EQ(announced[2].cause, reason::draining);
}

TEST_F(HealthService, ADrainIsNoDrainBeyondTheHold) {
  settings.stale_grace = 0s;
  settings.drain_grace = 0s;
  learn(true);
  service().drain();
  EXPECT_EQ(service().at_once(), answer{verdict_of(reason::draining_unready)});
}

TEST_F(HealthService, WhileDrainingNothingIsAskedUnlessSomebodyTellsADrainFromDown) {
  settings.stale_grace = 100ms;
  learn(true);
  service().drain();
  ctx.restart();
  ctx.run_for(300ms);
  EXPECT_EQ(source.calls.size(), 1U);
}

TEST_F(HealthService, DrainOfAnOverrideIsAsTheOverrideWas) {
  settings.override_verdict = verdict_of(reason::state_override_unhealthy);
  health_service alone(ctx.get_executor(), settings, nullptr);
  alone.drain();
  EXPECT_EQ(alone.at_once(), answer{verdict_of(reason::draining_unready)});
}

TEST_F(HealthService, QuestionsAboutSeveralContainersShareOneCall) {
  auto all = ask();
  auto game = ask("game");
  auto web = ask("WEB");
  auto lobby = ask("lobby");
  finish_with(0, pod_of(true, false));
  EXPECT_EQ(all->got, not_ready_answer);
  EXPECT_EQ(game->got, container_answer);
  EXPECT_EQ(web->got, not_ready_answer);
  EXPECT_EQ(lobby->got, answer{verdict_of(reason::no_such_container)});
  EXPECT_EQ(source.calls.size(), 1U);
}

TEST_F(HealthService, QuestionAboutAContainerWaitsForACallOfItsOwnToo) {
  auto all = ask();
  seal(0);
  auto game = ask("game");
  finish(0, kube::observation{pod_of(true, true), call(0).started});
  EXPECT_FALSE(game->got) << "its question came after that GET began";
  finish_with(1, pod_of(false, true));
  EXPECT_EQ(game->got, not_ready_answer);
}

TEST_F(HealthService, EachQuestionIsHeldWithItsOwnVerdict) {
  auto first = ask();
  finish_with(0, pod_of(true, false));
  auto all = ask();
  auto game = ask("game");
  auto lobby = ask("lobby");
  finish(1, failed(reason::api_unreachable));
  EXPECT_EQ(all->got, (answer{verdict_of(reason::container_not_ready), 0s}));
  EXPECT_EQ(game->got, (answer{verdict_of(reason::container_ready), 0s}));
  EXPECT_EQ(lobby->got, (answer{verdict_of(reason::no_such_container), 0s}));
}

TEST_F(HealthService, ListOfContainersIsTheConfiguredTargetAndNoLimitForOthers) {
  settings.containers = {"web"};
  auto configured = ask();
  auto game = ask("game");
  finish_with(0, pod_of(false, true));
  EXPECT_EQ(configured->got, container_answer);
  EXPECT_EQ(game->got, not_ready_answer);
}

TEST_F(HealthService, RequirementOfThePodIsTheConfiguredTargetsAlone) {
  settings.require = health::requirement::pod;
  auto configured = ask();
  auto game = ask("game");
  finish_with(0, pod_of(true, true));
  EXPECT_EQ(configured->got, answer{verdict_of(reason::pod_not_ready)});
  EXPECT_EQ(game->got, container_answer);
}

TEST_F(HealthService, ContainersOfAnotherPodOfTheSameNameAreNotOurs) {
  settings.bound_uid = [] { return "uid-2"; };
  auto game = ask("game");
  finish_with(0, pod_of(true, true));
  EXPECT_EQ(game->got, answer{verdict_of(reason::pod_replaced)});
}

TEST_F(HealthService, ConfiguredTargetIsJudgedOnceHoweverManyAsk) {
  int judged = 0;
  settings.bound_uid = [&] {
    ++judged;
    return "uid-1";
  };
  std::vector<std::shared_ptr<asked>> crowd;
  for (int i = 0; i < 64; ++i) crowd.push_back(ask());
  finish_with_pod(0, true);
  for (const auto& one : crowd) EXPECT_EQ(one->got, ready_answer);
  EXPECT_EQ(judged, 1);
}

TEST_F(HealthService, SaysWhatBecomesOfAContainerThatSomebodyAskedFor) {
  auto game = ask("game");
  finish_with(0, pod_of(false, true));
  ask();
  finish_with(1, pod_of(true, true));
  EXPECT_EQ(heard_of_containers(), (std::vector<std::string>{"game ContainerNotReady", "game ContainerReady"}));
  EXPECT_EQ(announced[0].container, "") << "the configured target comes first";
  EXPECT_TRUE(announced[1].in_target);
  EXPECT_EQ(announced[1].detail, "containers: game (not ready)");
}

TEST_F(HealthService, SaysWhetherTheTargetIncludesAContainer) {
  settings.containers = {"Web"};
  auto game = ask("game");
  auto web = ask("web");
  finish_with(0, pod_of(true, true));
  ASSERT_EQ(heard_of_containers().size(), 2U);
  EXPECT_FALSE(announced[1].in_target);
  EXPECT_TRUE(announced[2].in_target);
}

TEST_F(HealthService, SaysOnceOfANameThatThePodDoesNotHave) {
  for (std::size_t call = 0; call < 2; ++call) {
    auto misspelt = ask("gmae");
    finish_with_pod(call, true);
    EXPECT_EQ(misspelt->got, answer{verdict_of(reason::no_such_container)});
  }
  EXPECT_EQ(heard_of_containers(), std::vector<std::string>{"gmae NoSuchContainer"});
}

TEST_F(HealthService, SaysOfAFewSuchNamesAndOfTheirBeginnings) {
  std::vector<std::shared_ptr<asked>> all;
  for (int i = 0; i < 30; ++i) all.push_back(ask(std::string(100, 'x') + std::to_string(i)));
  for (int i = 0; i < 30; ++i) all.push_back(ask(std::to_string(i)));
  finish_with_pod(0, true);
  const auto heard = heard_of_containers();
  ASSERT_EQ(heard.size(), 16U);
  EXPECT_EQ(heard[0], std::string(64, 'x') + " NoSuchContainer");
}

TEST_F(HealthService, SaysOfAFailureOnceHoweverManyContainersAreAskedFor) {
  auto game = ask("game");
  finish_with(0, pod_of(true, true));
  announced.clear();
  ask("game");
  finish(1, failed(reason::api_unreachable));
  EXPECT_EQ(announced.size(), 1U);
}

TEST_F(HealthService, SaysOnceWhateverCaseAContainerIsAskedForIn) {
  ask("game");
  ask("GAME");
  ask("Game");
  finish_with(0, pod_of(true, true));
  EXPECT_EQ(heard_of_containers(), std::vector<std::string>{"game ContainerReady"});
}

TEST_F(HealthService, SpeaksOfNoMoreThanSixteenContainers) {
  health::pod crowded = pod_of(true, true);
  for (int i = 0; i < 40; ++i) crowded.containers.push_back({"c" + std::to_string(i)});
  for (int i = 0; i < 40; ++i) ask("c" + std::to_string(i));
  finish_with(0, crowded);
  EXPECT_EQ(heard_of_containers().size(), 16U);
}

TEST_F(HealthService, OverrideNeedsNoSource) {
  settings.override_verdict = verdict_of(reason::state_override_healthy);
  health_service alone(ctx.get_executor(), settings, nullptr);
  EXPECT_EQ(alone.at_once(), answer{verdict_of(reason::state_override_healthy)});
  alone.drain();
  EXPECT_EQ(alone.at_once(), answer{verdict_of(reason::draining)});
}

TEST_F(HealthService, LiveModeKnowsNothingAtOnce) {
  learn(true);
  EXPECT_FALSE(service().at_once());
}

TEST_F(HealthService, TruthIsKeptFreshAfterAQuestion) {
  settings.stale_grace = 300ms;
  learn(true);
  EXPECT_TRUE(run_until([&] { return source.calls.size() == 2; }));
  finish_with_pod(1, false);
  auto later = ask();
  finish(2, failed(reason::api_unreachable));
  ASSERT_TRUE(later->got);
  EXPECT_EQ(later->got->verdict, not_ready_answer.verdict) << "held from the refresh";
}

TEST_F(HealthService, RefreshingEndsSomeTimeAfterTheLastQuestion) {
  settings.stale_grace = 300ms;
  settings.refresh_for = 150ms;
  learn(true);
  ASSERT_TRUE(run_until([&] { return source.calls.size() == 2; }));
  finish_with_pod(1, true);
  ctx.restart();
  ctx.run_for(1s);
  EXPECT_EQ(source.calls.size(), 2U);
}

TEST_F(HealthService, StrictModeRefreshesNothing) {
  settings.stale_grace = 0s;
  learn(true);
  ctx.restart();
  ctx.run_for(300ms);
  EXPECT_EQ(source.calls.size(), 1U);
}

TEST_F(HealthService, QuestionDuringARefreshWaitsForACallOfItsOwn) {
  settings.stale_grace = 300ms;
  learn(true);
  ASSERT_TRUE(run_until([&] { return source.calls.size() == 2; }));
  seal(1);
  auto asked_later = ask();
  finish(1, kube::observation{pod_with(true), call(1).started});
  EXPECT_FALSE(asked_later->got);
  finish_with_pod(2, false);
  EXPECT_EQ(asked_later->got, not_ready_answer);
}

TEST_F(HealthService, AnotherPodOfTheSameNameIsNotOurs) {
  std::string uid = "uid-1";
  settings.bound_uid = [&] { return uid; };
  learn(true);
  uid = "uid-2";
  auto later = ask();
  finish_with_pod(1, true);
  EXPECT_EQ(later->got, answer{verdict_of(reason::pod_replaced)});
}

TEST_F(HealthService, SaysWhatIsAnsweredWhenACallEnds) {
  learn(true);
  ask();
  finish(1, failed(reason::api_forbidden));
  ASSERT_EQ(announced.size(), 2U);
  EXPECT_EQ(announced[0].cause, reason::all_containers_ready);
  EXPECT_TRUE(announced[1].given.held);
  EXPECT_EQ(announced[1].cause, reason::api_forbidden);
}

TEST_F(HealthService, SaysOfACallThatEndsTooLateWhatClientsGet) {
  settings.answer_timeout = 5ms;
  wait_for(ask());
  EXPECT_TRUE(announced.empty()) << "the call's end will say more";
  finish_with_pod(0, false);
  ASSERT_EQ(announced.size(), 1U);
  EXPECT_EQ(announced[0].cause, reason::api_timeout);
  EXPECT_EQ(announced[0].given.verdict, not_ready_answer.verdict);
  EXPECT_TRUE(announced[0].given.held);
}

TEST_F(HealthService, SaysOfACallThatFailsLateWhyItFailed) {
  settings.answer_timeout = 5ms;
  wait_for(ask());
  finish(0, failed(reason::api_error));
  ASSERT_EQ(announced.size(), 1U);
  EXPECT_EQ(announced[0].cause, reason::api_error);
}

TEST_F(HealthService, SaysWhenNobodyAskedForACall) {
  settings.stale_grace = 300ms;
  learn(true);
  ASSERT_TRUE(run_until([&] { return source.calls.size() == 2; }));
  finish_with_pod(1, false);
  ASSERT_EQ(announced.size(), 2U);
  EXPECT_TRUE(announced[0].somebody_asked);
  EXPECT_FALSE(announced[1].somebody_asked);
}

}  // namespace
}  // namespace sidecar::app
