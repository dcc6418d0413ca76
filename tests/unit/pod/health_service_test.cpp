#include "sidecar/pod/health_service.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "unit/pod/service_world.hpp"

/// The glue between its parts, each of which has a test of its own: live answers here, those of a watch in
/// watch_loop_test.
namespace sidecar::pod {
namespace {

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

answer plain(reason why) { return {verdict_of(why)}; }
answer held(reason why) { return {verdict_of(why), 0s}; }

kube::failure failed(reason why, std::optional<std::chrono::seconds> retry_after = {}) {
  return {why, "detail", retry_after};
}

class HealthService : public ServiceWorld {
 protected:
  HealthService() { settings.short_wait = 5ms; }

  /// True if there is no answer after a while.
  bool waits(const query& slot) {
    context.restart();
    context.run_for(30ms);
    return !slot->value;
  }
  bool is_fetched(std::size_t number) {
    return run_until([&] { return source.calls.size() == number + 1; });
  }

  void finish_with(std::size_t number, health::pod_state state) {
    finish(number, health::snapshot{std::move(state), {}});
  }
  void finish_with_pod(std::size_t number, bool ready) { finish_with(number, pod_with(ready)); }

  /// The first query.
  void learn(bool ready) {
    const auto first = ask();
    finish_with_pod(0, ready);
    ASSERT_EQ(first->value, ready ? ready_answer : not_ready_answer);
  }
};

/// Promise 2.
TEST_F(HealthService, QueryAfterTheBatchHasClosedIsAnsweredByTheNextCall) {
  const auto first = ask();
  close_batch(0);
  const auto second = ask();
  ASSERT_EQ(source.calls.size(), 1U) << "one call at a time";
  finish_with_pod(0, true);
  EXPECT_EQ(first->value, ready_answer);
  EXPECT_FALSE(second->value) << "its query came after that GET began";
  ASSERT_EQ(source.calls.size(), 2U);
  finish_with_pod(1, false);
  EXPECT_EQ(second->value, not_ready_answer);
}

TEST_F(HealthService, QueriesThatComeDuringACallShareTheNextOne) {
  const auto first = ask();
  close_batch(0);
  std::vector<query> many;
  for (int i = 0; i < 100; ++i) many.push_back(ask());
  finish_with_pod(0, true);
  finish_with_pod(1, false);
  for (const auto& one : many) EXPECT_EQ(one->value, not_ready_answer);
  EXPECT_EQ(source.calls.size(), 2U);
  EXPECT_EQ(source.max_pending, 1);
}

TEST_F(HealthService, QueriesAboutSeveralContainersShareOneCall) {
  const auto all = ask();
  const auto game = ask("game");
  const auto web = ask("WEB");
  const auto lobby = ask("lobby");
  finish_with(0, pod_of(true, false));
  EXPECT_EQ(all->value, not_ready_answer);
  EXPECT_EQ(game->value, plain(reason::container_ready));
  EXPECT_EQ(web->value, not_ready_answer);
  EXPECT_EQ(lobby->value, plain(reason::no_such_container));
  EXPECT_EQ(source.calls.size(), 1U);
}

TEST_F(HealthService, FailureBeforeTheRequestIsSharedByQueriesThatCameMeanwhile) {
  const auto first = ask();
  source.calls.at(0)->unprepared = failed(reason::api_unreachable);
  const auto second = ask();
  close_batch(0);
  EXPECT_EQ(first->value, plain(reason::api_unreachable));
  EXPECT_EQ(second->value, plain(reason::api_unreachable));
  EXPECT_EQ(source.calls.size(), 1U);
}

TEST_F(HealthService, EachQueryIsHeldWithItsOwnVerdict) {
  ask();
  finish_with(0, pod_of(true, false));
  const auto all = ask();
  const auto game = ask("game");
  const auto lobby = ask("lobby");
  finish(1, failed(reason::api_unreachable));
  EXPECT_EQ(all->value, held(reason::container_not_ready));
  EXPECT_EQ(game->value, held(reason::container_ready));
  EXPECT_EQ(lobby->value, held(reason::no_such_container));
}

TEST_F(HealthService, ClientThatCannotWaitGetsAHeldAnswerAndTheCallGoesOn) {
  settings.answer_timeout = 5ms;
  EXPECT_EQ(wait_for(ask()), plain(reason::api_timeout)) << "there is nothing to hold";
  finish_with_pod(0, true);
  EXPECT_EQ(wait_for(ask()), held(reason::all_containers_ready)) << "of the late snapshot";
  wait_for(ask());
  finish_with_pod(1, false);
  ASSERT_EQ(source.calls.size(), 2U) << "one call for both";
  EXPECT_EQ(wait_for(ask()), held(reason::container_not_ready));
}

TEST_F(HealthService, BatchIsFetchedForThoughItsClientsHaveLeft) {
  settings.answer_timeout = 5ms;
  ask();
  close_batch(0);
  wait_for(ask());
  finish_with_pod(0, true);
  EXPECT_EQ(source.calls.size(), 2U);
}

TEST_F(HealthService, WhileCallsTimeOutClientsWaitShortly) {
  const auto first = ask();
  finish(0, failed(reason::api_timeout));
  EXPECT_EQ(first->value, plain(reason::api_timeout));
  EXPECT_EQ(wait_for(ask()), plain(reason::api_timeout));
  finish_with_pod(1, true);
  EXPECT_TRUE(waits(ask())) << "the API server responds again";
}

TEST_F(HealthService, AtCapacityAQueryIsHeldSoonerAndOthersWaitOn) {
  settings.max_waiting = 2;
  learn(true);
  const auto first = ask();
  const auto second = ask();
  EXPECT_EQ(wait_for(ask()), held(reason::all_containers_ready));
  EXPECT_FALSE(first->value || second->value);
  finish_with_pod(1, false);
  EXPECT_EQ(first->value, not_ready_answer);
}

TEST_F(HealthService, AtCapacityAQueryWaitsWhereNothingIsHeld) {
  settings.max_waiting = 1;
  ask();
  EXPECT_TRUE(waits(ask()));
}

TEST_F(HealthService, RetryAfterAnswersQueriesWithoutACall) {
  ask();
  close_batch(0);
  const auto waiting = ask();
  finish(0, failed(reason::api_busy, 1s));
  EXPECT_EQ(waiting->value, plain(reason::api_busy));
  EXPECT_EQ(ask()->value, plain(reason::api_busy));
  EXPECT_EQ(source.calls.size(), 1U);
}

TEST_F(HealthService, DrainAnswersEveryQueryAtOnce) {
  ask();
  finish_with(0, pod_of(true, false));
  const auto waiting = ask();
  close_batch(1);
  const auto next = ask("game");
  service().drain();
  settle();
  EXPECT_EQ(waiting->value, plain(reason::draining_unready));
  EXPECT_EQ(next->value, plain(reason::draining));
  EXPECT_EQ(service().answer_now(), plain(reason::draining_unready));
  EXPECT_EQ(service().answer_now("game"), plain(reason::draining));
  EXPECT_EQ(service().answer_now("lobby"), plain(reason::draining_unready));
}

TEST_F(HealthService, CallThatEndsDuringTheDrainTellsADrainFromDown) {
  ask();
  service().drain();
  finish_with_pod(0, true);
  EXPECT_EQ(ask()->value, plain(reason::draining));
  ASSERT_EQ(logged.size(), 1U) << "its begin";
  EXPECT_EQ(logged[0].cause, reason::draining_unready);
}

TEST_F(HealthService, ADrainEndsWhenTheTargetStops) {
  settings.drain_fetch = 1ms;
  learn(true);
  service().drain();
  ASSERT_TRUE(is_fetched(1));
  EXPECT_EQ(service().answer_now(), plain(reason::draining));
  finish_with_pod(1, false);
  EXPECT_EQ(service().answer_now(), plain(reason::draining_unready));
  ASSERT_TRUE(is_fetched(2));
  finish_with_pod(2, true);
  EXPECT_EQ(service().answer_now(), plain(reason::draining));
  EXPECT_EQ(source.max_pending, 1);
  ASSERT_EQ(logged.size(), 4U) << "its begin and each change, and nothing else";
  EXPECT_EQ(logged[1].cause, reason::draining);
  EXPECT_EQ(logged[2].cause, reason::draining_unready);
  EXPECT_EQ(logged[3].cause, reason::draining);
}

TEST_F(HealthService, OverrideNeedsNoSource) {
  for (const bool up : {true, false}) {
    const auto forced = up ? reason::state_override_healthy : reason::state_override_unhealthy;
    settings.answers.override_verdict = verdict_of(forced);
    health_service alone(context.get_executor(), settings, nullptr);
    EXPECT_EQ(alone.answer_now(), plain(forced));
    EXPECT_EQ(alone.current(), plain(forced));
    alone.drain();
    EXPECT_EQ(alone.answer_now(), plain(up ? reason::draining : reason::draining_unready));
  }
}

TEST_F(HealthService, SnapshotIsRefreshedAfterAQuery) {
  settings.answers.hold.stale_grace = 300ms;
  learn(true);
  ASSERT_TRUE(is_fetched(1));
  finish_with_pod(1, false);
  const auto later = ask();
  finish(2, failed(reason::api_unreachable));
  EXPECT_EQ(later->value, held(reason::container_not_ready)) << "from the refresh";
  ASSERT_EQ(logged.size(), 3U);
  EXPECT_TRUE(logged[0].has_query);
  EXPECT_FALSE(logged[1].has_query);
}

TEST_F(HealthService, QueryDuringARefreshWaitsForACallOfItsOwn) {
  settings.answers.hold.stale_grace = 300ms;
  learn(true);
  ASSERT_TRUE(is_fetched(1));
  close_batch(1);
  const auto later = ask();
  finish_with_pod(1, true);
  EXPECT_FALSE(later->value);
  finish_with_pod(2, false);
  EXPECT_EQ(later->value, not_ready_answer);
}

TEST_F(HealthService, WhereItIsWantedTheFirstSnapshotNeedsNoQuery) {
  settings.fetches_at_start = true;
  settings.answers.hold.stale_grace = 300ms;
  service();
  ASSERT_EQ(source.calls.size(), 1U) << "at once";
  EXPECT_EQ(service().current(), plain(reason::api_timeout)) << "nothing is known";
  finish(0, failed(reason::api_unreachable));
  EXPECT_EQ(service().current(), plain(reason::api_unreachable));
  EXPECT_FALSE(service().cache().snapshot());
  ASSERT_TRUE(is_fetched(1)) << "and again";
  finish_with_pod(1, true);
  EXPECT_EQ(service().current(), ready_answer);
  EXPECT_TRUE(service().cache().snapshot());
  context.restart();
  context.run_for(300ms);
  EXPECT_EQ(source.calls.size(), 2U) << "no client asks";
  ASSERT_EQ(logged.size(), 2U);
  EXPECT_FALSE(logged[0].has_query || logged[1].has_query);
}

TEST_F(HealthService, WhereItIsNotWantedNothingIsFetchedBeforeAQuery) {
  settings.answers.hold.stale_grace = 300ms;
  service();
  context.restart();
  context.run_for(150ms);
  EXPECT_TRUE(source.calls.empty());
}

TEST_F(HealthService, WhatIsAnsweredNowIsKnownWithoutAFetch) {
  learn(true);
  EXPECT_EQ(service().current(), ready_answer) << "the last answer";
  ask();
  finish(1, failed(reason::api_forbidden));
  EXPECT_EQ(service().current(), held(reason::all_containers_ready));
  EXPECT_EQ(service().cache().problem(), reason::api_forbidden);
  ask();
  finish_with_pod(2, false);
  EXPECT_EQ(service().current(), not_ready_answer);
  EXPECT_FALSE(service().cache().problem());
  service().drain();
  EXPECT_EQ(service().current(), service().answer_now());
  EXPECT_EQ(source.calls.size(), 3U);
}

TEST_F(HealthService, ANodeThatIsLeavingChangesTheAnswerWithoutAFetch) {
  std::string cause;
  settings.answers.node_drain = [&](auto) { return cause; };
  service().reevaluate();
  EXPECT_TRUE(logged.empty()) << "there is nothing to answer yet";
  learn(true);
  cause = "taint gone";
  service().reevaluate();
  EXPECT_EQ(service().current(), plain(reason::node_draining));
  EXPECT_EQ(logged.back().cause, reason::node_draining);
  EXPECT_NE(logged.back().detail.find("taint gone"), std::string::npos);
  ask();
  finish(1, failed(reason::api_forbidden));
  EXPECT_EQ(service().current(), held(reason::node_draining)) << "no failure turns a drain into up";
  cause.clear();
  service().reevaluate();
  EXPECT_EQ(logged.back().given, held(reason::all_containers_ready));
  EXPECT_EQ(logged.back().cause, reason::api_forbidden);
  EXPECT_EQ(service().current(), held(reason::all_containers_ready));
  service().drain();
  EXPECT_EQ(service().current(), plain(reason::draining));
}

TEST_F(HealthService, WhatClientsGetOfCallsThatEndTooLateIsWhatIsAnsweredNow) {
  settings.answer_timeout = 5ms;
  wait_for(ask());
  finish_with_pod(0, true);
  EXPECT_EQ(service().current(), held(reason::all_containers_ready));
  EXPECT_EQ(service().cache().problem(), reason::api_timeout);
  EXPECT_FALSE(service().cache().failure()) << "the API server has responded";
}

TEST_F(HealthService, LogsWhatIsAnsweredWhenACallEnds) {
  learn(true);
  ask("game");
  finish(1, failed(reason::api_forbidden));
  ask("game");
  finish_with_pod(2, false);
  ASSERT_EQ(logged.size(), 4U);
  EXPECT_EQ(logged[0].cause, reason::all_containers_ready);
  EXPECT_TRUE(logged[1].given.held);
  EXPECT_EQ(logged[1].cause, reason::api_forbidden);
  EXPECT_EQ(logged[2].container, "") << "the configured target comes first";
  EXPECT_EQ(logged[3].container, "game");
}

TEST_F(HealthService, LogsWhatClientsGetOfACallThatEndsTooLate) {
  settings.answer_timeout = 5ms;
  wait_for(ask());
  EXPECT_TRUE(logged.empty()) << "the end of the call says more";
  finish_with_pod(0, false);
  ASSERT_EQ(logged.size(), 1U);
  EXPECT_EQ(logged[0].cause, reason::api_timeout);
  EXPECT_EQ(logged[0].given, held(reason::container_not_ready));
  wait_for(ask());
  finish(1, failed(reason::api_error));
  ASSERT_EQ(logged.size(), 2U);
  EXPECT_EQ(logged[1].cause, reason::api_error);
}

}  // namespace
}  // namespace sidecar::pod
