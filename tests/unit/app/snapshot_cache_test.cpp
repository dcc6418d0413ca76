#include "sidecar/app/snapshot_cache.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sidecar::app {
namespace {

using namespace std::chrono_literals;
using health::reason;
using source = snapshot_cache::source;

constexpr time_point began{1h};

snapshot_ptr taken_at(time_point when, bool ready = true) {
  health::pod pod;
  pod.containers.push_back({"game"});
  pod.statuses.push_back({"game", ready});
  return evaluate({std::move(pod), when}, {});
}

TEST(SnapshotCache, IsCurrentForAWhileAfterItWasObserved) {
  snapshot_cache cache(source::cache, 20s);
  EXPECT_FALSE(cache.is_current(began));
  cache.store(taken_at(began));
  EXPECT_TRUE(cache.is_current(began + 20s));
  EXPECT_FALSE(cache.is_current(began + 20s + 1ns));
  cache.store(taken_at(began + 15s));
  EXPECT_TRUE(cache.is_current(began + 35s));
}

TEST(SnapshotCache, IsNeverCurrentInLiveMode) {
  snapshot_cache cache(source::live, 20s);
  cache.store(taken_at(began));
  EXPECT_FALSE(cache.is_current(began));
  EXPECT_EQ(cache.basis({}, began).failure, reason::api_timeout);
}

TEST(SnapshotCache, IsNotCurrentAfterAFailureUntilItIsConfirmed) {
  snapshot_cache cache(source::cache, 20s);
  cache.store(taken_at(began));
  cache.note_failure(reason::api_busy);
  EXPECT_FALSE(cache.is_current(began));
  EXPECT_EQ(cache.basis({}, began).failure, reason::api_busy);
  cache.store(taken_at(began, false));
  EXPECT_FALSE(cache.is_current(began)) << "an event confirms nothing";
  EXPECT_EQ(cache.basis({}, began).snapshot->verdict, verdict_of(reason::container_not_ready));
  cache.store(taken_at(began + 1s, false));
  EXPECT_TRUE(cache.is_current(began + 1s));
  EXPECT_EQ(cache.basis({}, began + 1s).failure, std::nullopt);
}

TEST(SnapshotCache, KnowsOfEachContainer) {
  snapshot_cache cache(source::cache, 20s);
  cache.store(taken_at(began));
  EXPECT_EQ(cache.basis("GAME", began).snapshot->verdict, verdict_of(reason::container_ready));
  EXPECT_EQ(cache.basis("web", began).snapshot->verdict, verdict_of(reason::no_such_container));
  EXPECT_EQ(cache.basis({}, began).snapshot->verdict, verdict_of(reason::all_containers_ready));
}

TEST(SnapshotCache, IsEmptyAtFirst) {
  const snapshot_cache cache(source::cache, 20s);
  EXPECT_FALSE(cache.basis({}, began).snapshot);
  EXPECT_EQ(cache.basis({}, began).failure, reason::api_timeout);
}

}  // namespace
}  // namespace sidecar::app
