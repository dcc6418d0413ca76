#include "sidecar/watch/watch_loop.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sidecar/pod/pod_subject.hpp"
#include "unit/pod/service_world.hpp"

/// The driver between the machine, which watch_machine_test holds, and what it drives.
namespace sidecar::pod {
namespace {

using namespace std::chrono_literals;
using health::answer;
using health::reason;
using kube::watch_end;
using kube::watch_event;

/// A watch that says what the test wants.
class scripted_watch final : public kube::object_watch {
 public:
  explicit scripted_watch(asio::any_io_executor executor) : executor_(std::move(executor)) {}

  asio::awaitable<kube::watch_step> next() override {
    while (steps_.empty()) {
      waiting_ = std::make_shared<net::one_shot_event>(executor_);
      const auto waits = waiting_;
      co_await waits->wait();
    }
    auto step = std::move(steps_.front());
    steps_.pop_front();
    co_return step;
  }
  void close() override { is_closed = true; }
  bool is_outdated() const override { return is_outdated_now; }

  void say(kube::watch_step step) {
    steps_.push_back(std::move(step));
    if (waiting_) waiting_->set();
  }

  bool is_closed = false;
  bool is_outdated_now = false;

 private:
  asio::any_io_executor executor_;
  std::deque<kube::watch_step> steps_;
  std::shared_ptr<net::one_shot_event> waiting_;
};

class scripted_watches final : public kube::watch_source {
 public:
  explicit scripted_watches(asio::any_io_executor executor) : executor_(std::move(executor)) {}

  std::shared_ptr<kube::object_watch> watch(std::string version, std::chrono::seconds) override {
    versions.push_back(std::move(version));
    return all.emplace_back(std::make_shared<scripted_watch>(executor_));
  }

  std::vector<std::shared_ptr<scripted_watch>> all;
  std::vector<std::string> versions;

 private:
  asio::any_io_executor executor_;
};

health::pod_state version(const std::string& number, bool ready) {
  auto state = pod_with(ready);
  std::get<health::pod>(state).resource_version = number;
  return state;
}

watch_event changed(const std::string& number, bool ready) {
  return {.what = watch_event::type::changed,
          .subject = std::get<health::pod>(version(number, ready)),
          .resource_version = number};
}

class WatchLoop : public ServiceWorld {
 protected:
  WatchLoop() {
    settings.answers.source = snapshot_cache::source::cache;
    times.pause = times.max_pause = times.max_denied_pause = 1ms;
    times.resync = 1h;
    times.current_for = 2h;
  }

  void start() {
    loop.emplace(context.get_executor(), watch::watch_machine{times, [] { return 0.5; }},
                 subject.emplace(source, service()), watches,
                 [this](const watch::steps::notice& given) { notices.push_back(given.what); });
    loop->start();
    settle();
  }

  /// The LIST or GET that is due, and what it brings.
  void respond(kube::fetch_result found, const std::string& list_version = "100") {
    ASSERT_TRUE(run_until([&] { return source.calls.size() > responses; })) << "no call";
    finish(responses++, std::move(found), list_version);
  }
  void list(health::pod_state state) { respond(health::snapshot{std::move(state), {}}); }
  void say(kube::watch_step step) {
    watches.all.back()->say(std::move(step));
    settle();
  }
  void start_watching() {
    start();
    list(version("1", true));
    say(kube::watch_accepted{});
  }
  std::optional<answer> now() { return service().answer_now(); }

  scripted_watches watches{context.get_executor()};
  watch::watch_times times;
  std::vector<watch::steps::notice::kind> notices;
  std::optional<pod_subject> subject;
  std::optional<watch::watch_loop> loop;
  std::size_t responses = 0;
};

TEST_F(WatchLoop, FirstQueryWaitsForTheFirstList) {
  start();
  const auto early = ask();
  EXPECT_FALSE(early->value);
  list(version("1", true));
  EXPECT_EQ(wait_for(early), ready_answer);
  EXPECT_EQ(watches.versions, std::vector<std::string>{"100"});
}

TEST_F(WatchLoop, EventAnswersNoQueryThatWaitsWhereNothingIsCurrent) {
  settings.answers.hold.stale_grace = 0s;
  settings.answer_timeout = 50ms;
  settings.answers.current_for = 0s;
  start_watching();
  const auto asked = ask();
  say(changed("2", true));
  EXPECT_EQ(wait_for(asked).verdict.state, health::state::unknown);
}

TEST_F(WatchLoop, WatchThatBreaksOffIsHeldUntilTheNextList) {
  start_watching();
  say(watch_end{watch_end::manner::lost, {reason::api_unreachable, "it broke off", {}}});
  EXPECT_EQ(now(), std::nullopt);
  EXPECT_EQ(wait_for(ask()), (answer{ready_answer.verdict, 0s}));
  EXPECT_EQ(logged.size(), 1U) << "the next LIST says whether there is more to it";
  list(version("2", false));
  EXPECT_EQ(now(), not_ready_answer);
  EXPECT_EQ(watches.all.size(), 2U);
}

TEST_F(WatchLoop, WhatAClosedWatchSaysIsNoInput) {
  times.resync = 1ms;
  times.catch_up = 1ms;
  start_watching();
  const auto old = watches.all.back();
  list(version("2", false));
  ASSERT_TRUE(run_until([&] { return old->is_closed; })) << "it did not deliver what the LIST found";
  EXPECT_EQ(notices, std::vector{watch::steps::notice::kind::missed_event});
  old->say(changed("9", true));
  settle();
  EXPECT_EQ(now(), not_ready_answer);
}

TEST_F(WatchLoop, GetThatWasSentWhileAnswersWereLiveChangesNothingOnceTheWatchAnswers) {
  start_watching();
  service().serve(snapshot_cache::source::live);
  const auto asked = ask();
  ASSERT_TRUE(run_until([&] { return source.calls.size() == 2; }));
  source.calls.back()->go.set();
  settle();
  service().serve(snapshot_cache::source::cache);
  say(changed("9", false));
  EXPECT_EQ(now(), not_ready_answer);
  list(version("8", true));
  EXPECT_EQ(wait_for(asked), ready_answer) << "the GET began after the query";
  EXPECT_EQ(now(), not_ready_answer);
}

TEST_F(WatchLoop, GetThatFailsOnceTheWatchAnswersIsNoReasonToHold) {
  start_watching();
  service().serve(snapshot_cache::source::live);
  const auto asked = ask();
  service().serve(snapshot_cache::source::cache);
  respond(kube::failure{reason::api_timeout, "slow", {}});
  wait_for(asked);
  EXPECT_EQ(now(), ready_answer);
}

TEST_F(WatchLoop, ItsListIsTheFetchAtTheStart) {
  settings.fetches_at_start = true;
  start();
  context.restart();
  EXPECT_EQ(context.run_for(250ms), 0U) << "nothing wakes up for a GET";
  EXPECT_EQ(source.calls.size(), 1U);
  list(version("1", true));
  EXPECT_EQ(service().current(), ready_answer);
  EXPECT_EQ(source.calls.size(), 1U);
}

TEST_F(WatchLoop, WithoutPermissionTheFetchAtTheStartIsAGet) {
  settings.fetches_at_start = true;
  times.pause = times.max_denied_pause = 1h;
  start();
  respond(kube::failure{reason::api_forbidden, "no", {}});
  list(version("1", true));
  EXPECT_EQ(service().current(), ready_answer);
  EXPECT_EQ(source.calls.size(), 2U);
}

TEST_F(WatchLoop, ListThatFailsAtOnceIsRepeated) {
  start();
  respond(kube::failure{reason::api_unreachable, "no name", {}});
  source.fails_at_once = true;
  ASSERT_TRUE(run_until([&] { return source.calls.size() > 4; })) << "it goes on";
  source.fails_at_once = false;
  responses = source.calls.size();
  list(version("1", true));
  EXPECT_EQ(now(), ready_answer);
}

TEST_F(WatchLoop, EndOfAHoldIsLoggedAndAnswersWhoWaits) {
  settings.answers.hold.stale_grace = 0s;
  times.current_for = 0s;
  times.resync = times.resync_retry = 1ms;
  start_watching();
  respond(kube::failure{reason::api_busy, "busy", {}});
  ASSERT_TRUE(run_until([&] { return logged.back().cause == reason::api_busy; }));
  const auto asked = ask();
  EXPECT_FALSE(asked->value);
  const auto lines = logged.size();
  list(version("1", true));
  EXPECT_EQ(wait_for(asked), ready_answer);
  const auto is_over = [](const journal::transition& one) { return one.cause == reason::all_containers_ready; };
  EXPECT_TRUE(std::any_of(logged.begin() + static_cast<std::ptrdiff_t>(lines), logged.end(), is_over));
}

TEST_F(WatchLoop, WithoutPermissionAnswersAreLive) {
  settings.answers.hold.stale_grace = 0s;
  times.pause = times.max_denied_pause = 1h;
  start();
  const auto early = ask();
  respond(kube::failure{reason::api_forbidden, "no", {}});
  EXPECT_EQ(notices, std::vector{watch::steps::notice::kind::denied});
  EXPECT_TRUE(logged.empty()) << "the token may get the pod, so there is nothing to say of the answers";
  list(version("1", true));
  EXPECT_EQ(wait_for(early), ready_answer) << "what waited for a LIST gets a GET";
  EXPECT_EQ(now(), std::nullopt);
  const auto asked = ask();
  list(version("2", false));
  EXPECT_EQ(wait_for(asked), not_ready_answer);
}

TEST_F(WatchLoop, QueriesThatHaveLeftAreNotFetchedForOnceAnswersAreLive) {
  settings.answer_timeout = 1ms;
  times.pause = times.max_denied_pause = 1h;
  start();
  EXPECT_EQ(wait_for(ask()), answer{verdict_of(reason::api_timeout)});
  respond(kube::failure{reason::api_forbidden, "no", {}});
  EXPECT_EQ(source.calls.size(), 1U);
}

/// The causes that have been counted, each as often as it was.
std::vector<watch::restart_cause> restarts_of(const watch::watch_loop& loop) {
  std::vector<watch::restart_cause> all;
  for (const auto why : watch::restart_causes) all.insert(all.end(), loop.statistics().restarts(why), why);
  return all;
}

TEST_F(WatchLoop, EachEndOfAWatchIsCountedByItsCause) {
  using enum watch_end::manner;
  const std::pair<watch_end::manner, watch::restart_cause> rows[] = {{completed, watch::restart_cause::completed},
                                                                     {expired, watch::restart_cause::expired},
                                                                     {refused, watch::restart_cause::refused},
                                                                     {lost, watch::restart_cause::lost}};
  start();
  std::vector<watch::restart_cause> expected;
  for (const auto& [how, why] : rows) {
    list(version("1", true));
    EXPECT_EQ(restarts_of(*loop), expected);
    say(watch_end{how, {reason::api_error, "its end", {}}});
    expected.push_back(why);
    EXPECT_EQ(restarts_of(*loop), expected);
  }
}

TEST_F(WatchLoop, AWatchThatMissedAnEventIsCountedOnceThoughItEndsLater) {
  times.resync = times.catch_up = 1ms;
  start_watching();
  const auto old = watches.all.back();
  list(version("2", false));
  ASSERT_TRUE(run_until([&] { return old->is_closed; }));
  old->say(watch_end{});
  settle();
  EXPECT_EQ(restarts_of(*loop), std::vector{watch::restart_cause::missed_event});
  EXPECT_EQ(loop->statistics().missed_events(), 1U);
}

TEST_F(WatchLoop, AWatchThatIsClosedSinceItsListIsDeniedIsCountedAsRefused) {
  times.resync = 1ms;
  times.pause = times.max_denied_pause = 1h;
  start_watching();
  respond(kube::failure{reason::api_forbidden, "no", {}});
  EXPECT_TRUE(watches.all.back()->is_closed);
  EXPECT_EQ(restarts_of(*loop), std::vector{watch::restart_cause::refused});
}

TEST_F(WatchLoop, AWatchWhoseServerWasVerifiedByAReplacedBundleIsCounted) {
  times.resync = 1ms;
  start_watching();
  watches.all.back()->is_outdated_now = true;
  list(version("1", true));
  EXPECT_EQ(watches.all.size(), 2U);
  EXPECT_EQ(restarts_of(*loop), std::vector{watch::restart_cause::ca_replaced});
}

TEST_F(WatchLoop, StopEndsTheWatchForGood) {
  start_watching();
  loop->stop();
  service().drain();
  settle();
  EXPECT_TRUE(watches.all.back()->is_closed);
  EXPECT_TRUE(restarts_of(*loop).empty()) << "no other one follows";
  EXPECT_EQ(now(), answer{verdict_of(reason::draining)});
  EXPECT_EQ(source.calls.size(), 1U);
}

TEST_F(WatchLoop, ContainersOfPathsAreAnsweredFromTheCacheAndLogged) {
  start_watching();
  EXPECT_EQ(service().answer_now("game"), answer{verdict_of(reason::container_ready)});
  EXPECT_EQ(logged.back().container, "game");
}

}  // namespace
}  // namespace sidecar::pod
