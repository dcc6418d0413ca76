#include "sidecar/pod/snapshot_cache.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sidecar::pod {
namespace {

using namespace std::chrono_literals;
using health::reason;
using source = snapshot_cache::source;

constexpr time_point first_read{1h};

health::snapshot taken_at(time_point when, bool ready = true) {
  health::pod pod;
  pod.containers.push_back({"game"});
  pod.statuses.push_back({"game", ready});
  return {std::move(pod), when};
}

class SnapshotCache : public testing::Test {
 protected:
  void store(health::snapshot taken) { cache.store(cache.evaluate(std::move(taken))); }
  health::verdict verdict(time_point now, std::string_view container = {}) const {
    return cache.answer(container, now).verdict;
  }

  snapshot_cache cache{{.hold = {.stale_grace = 1h}, .source = source::cache, .current_for = 20s}};
};

TEST_F(SnapshotCache, IsCurrentForAWhileAfterItWasObserved) {
  EXPECT_FALSE(cache.is_current(first_read));
  EXPECT_EQ(verdict(first_read), verdict_of(reason::api_timeout));
  store(taken_at(first_read));
  EXPECT_TRUE(cache.is_current(first_read + 20s));
  EXPECT_FALSE(cache.answer({}, first_read + 20s).held);
  EXPECT_FALSE(cache.is_current(first_read + 20s + 1ns));
  EXPECT_EQ(cache.answer({}, first_read + 20s + 1ns).held, 20s);
  store(taken_at(first_read + 15s));
  EXPECT_TRUE(cache.is_current(first_read + 35s));
}

TEST_F(SnapshotCache, IsNeverCurrentInLiveMode) {
  store(taken_at(first_read));
  cache.note_failure(reason::api_timeout);
  cache.serve(source::live);
  EXPECT_FALSE(cache.failure()) << "that of a LIST is none of a GET";
  EXPECT_FALSE(cache.is_current(first_read));
  EXPECT_TRUE(cache.answer({}, first_read).held);
}

TEST_F(SnapshotCache, IsNotCurrentAfterAFailureUntilItIsConfirmed) {
  store(taken_at(first_read));
  cache.note_failure(reason::api_busy);
  EXPECT_FALSE(cache.is_current(first_read));
  EXPECT_EQ(verdict(first_read + 2h), verdict_of(reason::api_busy)) << "the hold is over";
  store(taken_at(first_read, false));
  EXPECT_FALSE(cache.is_current(first_read)) << "an event confirms nothing";
  EXPECT_EQ(verdict(first_read), verdict_of(reason::container_not_ready));
  store(taken_at(first_read + 1s, false));
  EXPECT_TRUE(cache.is_current(first_read + 1s));
}

TEST_F(SnapshotCache, InLiveModeTheLastFetchIsTheLastWordUntilOneFails) {
  cache.serve(source::live);
  EXPECT_EQ(cache.current(first_read), health::answer{verdict_of(reason::api_timeout)});
  const health::answer ready{verdict_of(reason::all_containers_ready)};
  store(taken_at(first_read));
  EXPECT_EQ(cache.current(first_read + 2h), ready) << "nobody asks";
  cache.note_failure(reason::api_busy);
  EXPECT_EQ(cache.current(first_read + 1min), (health::answer{ready.verdict, 60s}));
  EXPECT_EQ(cache.current(first_read + 2h), health::answer{verdict_of(reason::api_busy)});
  store(taken_at(first_read + 2h));
  EXPECT_EQ(cache.current(first_read + 2h), ready);
  cache.note_late();
  EXPECT_EQ(cache.current(first_read + 2h), (health::answer{ready.verdict, 0s}));
  EXPECT_EQ(cache.problem(), reason::api_timeout);
  cache.note_failure(reason::api_error);
  EXPECT_EQ(cache.problem(), reason::api_error);
  store(taken_at(first_read + 3h));
  EXPECT_EQ(cache.problem(), std::nullopt);
  cache.note_late();
  cache.serve(source::cache);
  EXPECT_EQ(cache.problem(), std::nullopt) << "that of a GET is none of a LIST";
}

TEST_F(SnapshotCache, WithAWatchWhatIsAnsweredNowIsWhatAQueryGets) {
  store(taken_at(first_read));
  for (const auto age : {0s, 20s, 21s, 3600s, 3601s}) {
    EXPECT_EQ(cache.current(first_read + age), cache.answer({}, first_read + age)) << age.count();
  }
  cache.drain();
  cache.serve(source::live);
  EXPECT_EQ(cache.current(first_read + 2h), cache.answer({}, first_read + 2h)) << "a drain is the same everywhere";
}

TEST_F(SnapshotCache, AnswersForEachContainer) {
  store(taken_at(first_read));
  EXPECT_EQ(verdict(first_read, "GAME"), verdict_of(reason::container_ready));
  EXPECT_EQ(verdict(first_read, "web"), verdict_of(reason::no_such_container));
  EXPECT_EQ(verdict(first_read), verdict_of(reason::all_containers_ready));
}

TEST_F(SnapshotCache, SettingsAreTheConfiguredTargetsAndTheUidIsReadEachTime) {
  std::string uid = "uid-1";
  const snapshot_cache requiring(
      {.containers = {"game"}, .require = health::requirement::pod, .bound_uid = [&] { return uid; }});
  auto taken = taken_at(first_read);
  std::get<health::pod>(taken.state).uid = "uid-1";
  EXPECT_EQ(requiring.evaluate(taken)->configured, verdict_of(reason::pod_not_ready));
  EXPECT_EQ(requiring.evaluate(taken)->verdict("game"), verdict_of(reason::container_ready));
  EXPECT_EQ(requiring.evaluate(taken)->target.containers, std::vector<std::string>{"game"});
  uid = "uid-2";
  EXPECT_EQ(requiring.evaluate(taken)->configured, verdict_of(reason::pod_replaced));
  EXPECT_EQ(requiring.evaluate(taken)->verdict("game"), verdict_of(reason::pod_replaced));
}

TEST_F(SnapshotCache, IsEvaluatedAgainWhenItsNodeIsLeavingAndStaysWhatItIs) {
  std::string cause;
  snapshot_cache heeding({.node_drain = [&](auto node) { return node == "node-a" ? cause : std::string{}; }});
  heeding.reevaluate();
  EXPECT_EQ(heeding.snapshot(), nullptr) << "nothing to evaluate";
  auto taken = taken_at(first_read);
  std::get<health::pod>(taken.state).node_name = "node-a";
  heeding.store(heeding.evaluate(taken));
  heeding.note_failure(reason::api_timeout);
  cause = "taint gone";
  heeding.reevaluate();
  EXPECT_EQ(heeding.snapshot()->configured, verdict_of(reason::node_draining));
  EXPECT_EQ(heeding.snapshot()->verdict("game"), verdict_of(reason::node_draining));
  EXPECT_EQ(heeding.snapshot()->verdict("web"), verdict_of(reason::node_draining_unready));
  EXPECT_EQ(heeding.snapshot()->snapshot.observed, first_read);
  EXPECT_EQ(heeding.failure(), reason::api_timeout) << "the pod has not been read";
  cause.clear();
  heeding.reevaluate();
  EXPECT_EQ(heeding.snapshot()->configured, verdict_of(reason::all_containers_ready));
}

TEST_F(SnapshotCache, OfTwoStatesTheWorseOneStandsWhateverTheNodeDoes) {
  std::string cause = "taint gone";
  snapshot_cache heeding({.node_drain = [&](auto) { return cause; }});
  heeding.store(heeding.evaluate(taken_at(first_read)));
  EXPECT_FALSE(heeding.store_if_worse(taken_at(first_read).state));
  EXPECT_TRUE(heeding.store_if_worse(taken_at(first_read, false).state));
  EXPECT_EQ(heeding.snapshot()->configured, verdict_of(reason::node_draining_unready));
  cause.clear();
  heeding.reevaluate();
  EXPECT_EQ(heeding.snapshot()->configured, verdict_of(reason::container_not_ready));
}

TEST_F(SnapshotCache, OfTwoStatesTheWorseOneStands) {
  EXPECT_FALSE(cache.store_if_worse(taken_at(first_read, false).state)) << "there is none to compare with";
  store(taken_at(first_read));
  EXPECT_FALSE(cache.store_if_worse(taken_at(first_read).state));
  EXPECT_TRUE(cache.store_if_worse(taken_at(first_read, false).state));
  EXPECT_EQ(verdict(first_read), verdict_of(reason::container_not_ready));
  EXPECT_FALSE(cache.store_if_worse(taken_at(first_read).state)) << "a better one does not";
}

}  // namespace
}  // namespace sidecar::pod
