#include "sidecar/app/health_service.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

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
    settings.hold.stale_grace = 30s;
    settings.answer_timeout = 10s;
    settings.log = [this](const transition& now) { logged.push_back(now); };
  }

  health_service& service() {
    if (!service_) {
      service_.emplace(ctx.get_executor(), settings, &source);
      asio::co_spawn(ctx, service_->run(), [](std::exception_ptr error) { ASSERT_EQ(error, nullptr); });
      settle();
    }
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
    auto answered = service().answer(std::move(container));
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

  void close_batch(std::size_t number) {
    call(number).go.set();
    settle();
  }

  void finish(std::size_t number, kube::fetch_result result) {
    close_batch(number);
    call(number).result = std::move(result);
    call(number).answered.set();
    settle();
  }

  void finish_with_pod(std::size_t number, bool ready) {
    close_batch(number);
    finish(number, health::snapshot{pod_with(ready), call(number).started});
  }

  void finish_with(std::size_t number, health::pod_state state) {
    close_batch(number);
    finish(number, health::snapshot{std::move(state), call(number).started});
  }

  /// What is logged of a container, as "<name> <reason>".
  std::vector<std::string> logged_containers() const {
    std::vector<std::string> out;
    for (const transition& one : logged)
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
  std::vector<transition> logged;
  std::optional<health_service> service_;
};

const answer container_answer{verdict_of(reason::container_ready)};

kube::failure failed(reason why, std::optional<std::chrono::seconds> retry_after = {}) {
  return {why, "detail", retry_after};
}

TEST_F(HealthService, QueriesOfAnOpenBatchShareOneCall) {
  auto first = ask();
  auto second = ask();
  finish_with_pod(0, true);
  EXPECT_EQ(first->got, ready_answer);
  EXPECT_EQ(second->got, ready_answer);
  EXPECT_EQ(source.calls.size(), 1U);
}

TEST_F(HealthService, QueryAfterTheBatchHasClosedIsAnsweredByTheNextCall) {
  auto first = ask();
  close_batch(0);
  auto second = ask();
  ASSERT_EQ(source.calls.size(), 1U) << "one call at a time";
  finish(0, health::snapshot{pod_with(true), call(0).started});
  EXPECT_EQ(first->got, ready_answer);
  EXPECT_FALSE(second->got) << "its query came after that GET began";
  ASSERT_EQ(source.calls.size(), 2U);
  finish_with_pod(1, false);
  EXPECT_EQ(second->got, not_ready_answer);
}

TEST_F(HealthService, QueriesThatComeDuringACallShareTheNextOne) {
  auto first = ask();
  close_batch(0);
  std::vector<std::shared_ptr<asked>> many;
  for (int i = 0; i < 100; ++i) many.push_back(ask());
  finish(0, health::snapshot{pod_with(true), call(0).started});
  finish_with_pod(1, false);
  for (const auto& one : many) EXPECT_EQ(one->got, not_ready_answer);
  EXPECT_EQ(source.calls.size(), 2U);
  EXPECT_EQ(source.max_pending, 1);
}

TEST_F(HealthService, FailureBeforeTheRequestIsSharedByQueriesThatCameMeanwhile) {
  auto first = ask();
  call(0).unprepared = failed(reason::api_unreachable);
  auto second = ask();
  close_batch(0);
  EXPECT_EQ(first->got, answer{verdict_of(reason::api_unreachable)});
  EXPECT_EQ(second->got, answer{verdict_of(reason::api_unreachable)});
  EXPECT_EQ(source.calls.size(), 1U);
}

TEST_F(HealthService, QueryAfterAFailureStartsAnotherCall) {
  auto first = ask();
  finish(0, failed(reason::api_unreachable));
  auto second = ask();
  ASSERT_EQ(source.calls.size(), 2U);
  finish_with_pod(1, true);
  EXPECT_EQ(second->got, ready_answer);
}

TEST_F(HealthService, FreshAnswersAreNeverMarkedHeld) {
  learn(true);
  auto again = ask();
  finish_with_pod(1, true);
  ASSERT_TRUE(again->got);
  EXPECT_FALSE(again->got->held);
}

TEST_F(HealthService, FailureIsAnsweredFromTheLastSnapshot) {
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

TEST_F(HealthService, NeverHealthyBeforeAFirstSnapshot) {
  auto first = ask();
  finish(0, failed(reason::api_forbidden));
  EXPECT_EQ(first->got, answer{verdict_of(reason::api_forbidden)});
}

TEST_F(HealthService, GraceOfZeroHoldsNothing) {
  settings.hold.stale_grace = 0s;
  learn(true);
  auto later = ask();
  finish(1, failed(reason::api_unreachable));
  EXPECT_EQ(later->got, answer{verdict_of(reason::api_unreachable)});
}

TEST_F(HealthService, SnapshotOlderThanTheGraceIsNotHeld) {
  learn(true);
  auto stale = ask();
  finish(1, health::snapshot{pod_with(true), boottime_clock::now() - 31s});
  auto later = ask();
  finish(2, failed(reason::api_unreachable));
  EXPECT_EQ(later->got, answer{verdict_of(reason::api_unreachable)});
}

TEST_F(HealthService, AbsentPodIsASnapshotAndNotHeldHealthy) {
  learn(true);
  auto later = ask();
  close_batch(1);
  finish(1, health::snapshot{health::absent_pod{}, call(1).started});
  EXPECT_EQ(later->got, answer{verdict_of(reason::pod_not_found)});
}

TEST_F(HealthService, ClientThatCannotWaitGetsAHeldAnswer) {
  settings.answer_timeout = 5ms;
  learn(true);
  auto impatient = ask();
  close_batch(1);
  const auto got = wait_for(impatient);
  EXPECT_EQ(got.verdict, ready_answer.verdict);
  EXPECT_TRUE(got.held);
}

TEST_F(HealthService, ClientThatCannotWaitGetsUnknownWithoutASnapshot) {
  settings.answer_timeout = 5ms;
  auto impatient = ask();
  EXPECT_EQ(wait_for(impatient), answer{verdict_of(reason::api_timeout)});
}

TEST_F(HealthService, CallGoesOnBehindAClientThatLeft) {
  settings.answer_timeout = 5ms;
  auto impatient = ask();
  wait_for(impatient);
  finish_with_pod(0, true);
  auto next = ask();
  EXPECT_EQ(wait_for(next).verdict, ready_answer.verdict) << "held from the late snapshot";
}

TEST_F(HealthService, BatchIsFetchedForThoughItsClientsHaveLeft) {
  settings.answer_timeout = 5ms;
  auto first = ask();
  close_batch(0);
  auto second = ask();
  wait_for(second);
  finish(0, health::snapshot{pod_with(true), call(0).started});
  EXPECT_EQ(source.calls.size(), 2U);
}

TEST_F(HealthService, LaterQueryIsNotDelayedByAnEarlierDeadline) {
  settings.answer_timeout = 50ms;
  auto first = ask();
  auto second = ask();
  wait_for(first);
  wait_for(second);
  auto third = ask();
  EXPECT_EQ(wait_for(third), answer{verdict_of(reason::api_timeout)});
}

TEST_F(HealthService, WhileCallsTimeOutClientsWaitShortly) {
  settings.answer_timeout = 1h;
  settings.short_wait = 5ms;
  auto first = ask();
  finish(0, failed(reason::api_timeout));
  EXPECT_EQ(first->got, answer{verdict_of(reason::api_timeout)});
  auto second = ask();
  EXPECT_EQ(wait_for(second), answer{verdict_of(reason::api_timeout)});
}

TEST_F(HealthService, PatienceReturnsWithTheFirstResponse) {
  settings.answer_timeout = 1h;
  settings.short_wait = 5ms;
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

TEST_F(HealthService, AtCapacityAQueryIsHeldSoonerAndOthersWaitOn) {
  settings.answer_timeout = 1h;
  settings.short_wait = 5ms;
  settings.max_waiting = 2;
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

TEST_F(HealthService, AtCapacityAQueryWaitsWhereNothingIsHeld) {
  settings.answer_timeout = 1h;
  settings.short_wait = 5ms;
  settings.max_waiting = 1;
  auto first = ask();
  auto second = ask();
  ctx.restart();
  ctx.run_for(30ms);
  EXPECT_FALSE(second->got);
  finish_with_pod(0, true);
  EXPECT_EQ(second->got, ready_answer);
}

TEST_F(HealthService, RetryAfterKeepsQueriesFromCalling) {
  auto first = ask();
  finish(0, failed(reason::api_busy, 1s));
  auto second = ask();
  EXPECT_EQ(second->got, answer{verdict_of(reason::api_busy)});
  EXPECT_EQ(source.calls.size(), 1U);
}

TEST_F(HealthService, RetryAfterAnswersQueriesThatWaitForTheNextCall) {
  auto first = ask();
  close_batch(0);
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

TEST_F(HealthService, DrainAnswersEveryQueryAtOnce) {
  auto waiting = ask();
  close_batch(0);
  auto next = ask();
  service().drain();
  settle();
  const answer draining{verdict_of(reason::draining_unready)};
  EXPECT_EQ(waiting->got, draining);
  EXPECT_EQ(next->got, draining);
  EXPECT_EQ(service().answer_now(), draining);
}

TEST_F(HealthService, CallThatEndsDuringTheDrainTellsADrainFromDown) {
  auto waiting = ask();
  service().drain();
  finish_with_pod(0, true);
  EXPECT_EQ(ask()->got, answer{verdict_of(reason::draining)});
  EXPECT_TRUE(logged.empty());
}

struct drain_row {
  std::string name;
  std::optional<health::pod_state> state;
  reason configured;
  reason game;
  friend void PrintTo(const drain_row& row, std::ostream* out) { *out << row.name; }
};

class DrainOf : public HealthService, public testing::WithParamInterface<drain_row> {};

TEST_P(DrainOf, TargetThatWasReadyIsToldFromOneThatWasNot) {
  if (GetParam().state) {
    auto first = ask();
    finish_with(0, *GetParam().state);
    ASSERT_TRUE(first->got);
  }
  auto waiting = ask();
  auto waiting_for_game = ask("game");
  service().drain();
  settle();
  EXPECT_EQ(waiting->got, answer{verdict_of(GetParam().configured)});
  EXPECT_EQ(waiting_for_game->got, answer{verdict_of(GetParam().game)});
  EXPECT_EQ(service().answer_now(), answer{verdict_of(GetParam().configured)});
  EXPECT_EQ(service().answer_now("game"), answer{verdict_of(GetParam().game)});
  EXPECT_EQ(service().answer_now("lobby"), answer{verdict_of(reason::draining_unready)});
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
                    drain_row{"Gone", health::absent_pod{}, reason::draining_unready, reason::draining_unready}),
    [](const auto& tested) { return tested.param.name; });

TEST_F(HealthService, ADrainEndsWhenTheTargetStops) {
  settings.drain_fetch = 1ms;
  learn(true);
  service().drain();
  ASSERT_TRUE(run_until([&] { return source.calls.size() == 2; }));
  EXPECT_EQ(service().answer_now(), answer{verdict_of(reason::draining)});
  finish_with_pod(1, false);
  EXPECT_EQ(service().answer_now(), answer{verdict_of(reason::draining_unready)});
  ASSERT_TRUE(run_until([&] { return source.calls.size() == 3; }));
  finish_with_pod(2, true);
  EXPECT_EQ(service().answer_now(), answer{verdict_of(reason::draining)});
  EXPECT_EQ(source.max_pending, 1);
  ASSERT_EQ(logged.size(), 3U) << "each change, and nothing else";
  EXPECT_EQ(logged[1].cause, reason::draining_unready);
  EXPECT_EQ(logged[2].cause, reason::draining);
}

TEST_F(HealthService, ADrainIsNoDrainBeyondTheHold) {
  settings.hold.stale_grace = 0s;
  settings.hold.drain_grace = 0s;
  learn(true);
  service().drain();
  EXPECT_EQ(service().answer_now(), answer{verdict_of(reason::draining_unready)});
}

TEST_F(HealthService, WhileDrainingNothingIsFetchedUnlessADrainIsToldFromDown) {
  settings.hold.stale_grace = 100ms;
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
  EXPECT_EQ(alone.answer_now(), answer{verdict_of(reason::draining_unready)});
}

TEST_F(HealthService, QueriesAboutSeveralContainersShareOneCall) {
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

TEST_F(HealthService, QueryAboutAContainerWaitsForACallOfItsOwnToo) {
  auto all = ask();
  close_batch(0);
  auto game = ask("game");
  finish(0, health::snapshot{pod_of(true, true), call(0).started});
  EXPECT_FALSE(game->got) << "its query came after that GET began";
  finish_with(1, pod_of(false, true));
  EXPECT_EQ(game->got, not_ready_answer);
}

TEST_F(HealthService, EachQueryIsHeldWithItsOwnVerdict) {
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

TEST_F(HealthService, SnapshotIsEvaluatedOnceHoweverManyQueriesItAnswers) {
  int judged = 0;
  settings.bound_uid = [&] {
    ++judged;
    return "uid-1";
  };
  std::vector<std::shared_ptr<asked>> many;
  for (int i = 0; i < 64; ++i) many.push_back(ask());
  finish_with_pod(0, true);
  for (const auto& one : many) EXPECT_EQ(one->got, ready_answer);
  EXPECT_EQ(judged, 1);
}

TEST_F(HealthService, LogsAContainerThatAPathNames) {
  auto game = ask("game");
  finish_with(0, pod_of(false, true));
  ask();
  finish_with(1, pod_of(true, true));
  EXPECT_EQ(logged_containers(), (std::vector<std::string>{"game ContainerNotReady", "game ContainerReady"}));
  EXPECT_EQ(logged[0].container, "") << "the configured target comes first";
  EXPECT_TRUE(logged[1].in_target);
  EXPECT_EQ(logged[1].detail, "containers: game (not ready)");
}

TEST_F(HealthService, LogsWhetherTheTargetIncludesAContainer) {
  settings.containers = {"Web"};
  auto game = ask("game");
  auto web = ask("web");
  finish_with(0, pod_of(true, true));
  ASSERT_EQ(logged_containers().size(), 2U);
  EXPECT_FALSE(logged[1].in_target);
  EXPECT_TRUE(logged[2].in_target);
}

TEST_F(HealthService, LogsOnceANameThatThePodDoesNotHave) {
  for (std::size_t call = 0; call < 2; ++call) {
    auto misspelt = ask("gmae");
    finish_with_pod(call, true);
    EXPECT_EQ(misspelt->got, answer{verdict_of(reason::no_such_container)});
  }
  EXPECT_EQ(logged_containers(), std::vector<std::string>{"gmae NoSuchContainer"});
}

TEST_F(HealthService, LogsAFailureOnceHoweverManyContainersAreNamed) {
  auto game = ask("game");
  finish_with(0, pod_of(true, true));
  logged.clear();
  ask("game");
  finish(1, failed(reason::api_unreachable));
  EXPECT_EQ(logged.size(), 1U);
}

TEST_F(HealthService, OverrideNeedsNoSource) {
  settings.override_verdict = verdict_of(reason::state_override_healthy);
  health_service alone(ctx.get_executor(), settings, nullptr);
  EXPECT_EQ(alone.answer_now(), answer{verdict_of(reason::state_override_healthy)});
  alone.drain();
  EXPECT_EQ(alone.answer_now(), answer{verdict_of(reason::draining)});
}

TEST_F(HealthService, LiveModeKnowsNoAnswerWithoutWaiting) {
  learn(true);
  EXPECT_FALSE(service().answer_now());
}

TEST_F(HealthService, SnapshotIsRefreshedAfterAQuery) {
  settings.hold.stale_grace = 300ms;
  learn(true);
  EXPECT_TRUE(run_until([&] { return source.calls.size() == 2; }));
  finish_with_pod(1, false);
  auto later = ask();
  finish(2, failed(reason::api_unreachable));
  ASSERT_TRUE(later->got);
  EXPECT_EQ(later->got->verdict, not_ready_answer.verdict) << "held from the refresh";
}

TEST_F(HealthService, StrictModeRefreshesNothing) {
  settings.hold.stale_grace = 0s;
  learn(true);
  ctx.restart();
  ctx.run_for(300ms);
  EXPECT_EQ(source.calls.size(), 1U);
}

TEST_F(HealthService, QueryDuringARefreshWaitsForACallOfItsOwn) {
  settings.hold.stale_grace = 300ms;
  learn(true);
  ASSERT_TRUE(run_until([&] { return source.calls.size() == 2; }));
  close_batch(1);
  auto asked_later = ask();
  finish(1, health::snapshot{pod_with(true), call(1).started});
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

TEST_F(HealthService, LogsWhatIsAnsweredWhenACallEnds) {
  learn(true);
  ask();
  finish(1, failed(reason::api_forbidden));
  ASSERT_EQ(logged.size(), 2U);
  EXPECT_EQ(logged[0].cause, reason::all_containers_ready);
  EXPECT_TRUE(logged[1].given.held);
  EXPECT_EQ(logged[1].cause, reason::api_forbidden);
}

TEST_F(HealthService, LogsWhatClientsGetOfACallThatEndsTooLate) {
  settings.answer_timeout = 5ms;
  wait_for(ask());
  EXPECT_TRUE(logged.empty()) << "the end of the call says more";
  finish_with_pod(0, false);
  ASSERT_EQ(logged.size(), 1U);
  EXPECT_EQ(logged[0].cause, reason::api_timeout);
  EXPECT_EQ(logged[0].given.verdict, not_ready_answer.verdict);
  EXPECT_TRUE(logged[0].given.held);
}

TEST_F(HealthService, LogsWhyACallFailedThatEndsTooLate) {
  settings.answer_timeout = 5ms;
  wait_for(ask());
  finish(0, failed(reason::api_error));
  ASSERT_EQ(logged.size(), 1U);
  EXPECT_EQ(logged[0].cause, reason::api_error);
}

TEST_F(HealthService, LogsThatARefreshHasNoQuery) {
  settings.hold.stale_grace = 300ms;
  learn(true);
  ASSERT_TRUE(run_until([&] { return source.calls.size() == 2; }));
  finish_with_pod(1, false);
  ASSERT_EQ(logged.size(), 2U);
  EXPECT_TRUE(logged[0].has_query);
  EXPECT_FALSE(logged[1].has_query);
}

}  // namespace
}  // namespace sidecar::app
