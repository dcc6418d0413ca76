#include "sidecar/pod/fetch_queue.hpp"

#include <gtest/gtest.h>

namespace sidecar::pod {
namespace {

using namespace std::chrono_literals;
using health::reason;

constexpr time_point fetch_time{1h};

fetch_outcome failure_of(reason why, std::optional<std::chrono::seconds> retry_after = {}) {
  return {.failure = {why, "", retry_after}};
}

class FetchQueue : public testing::Test {
 protected:
  fetch_queue queue;
};

TEST_F(FetchQueue, QueriesShareTheOpenBatch) {
  const auto first = queue.join(true);
  EXPECT_EQ(queue.join(true), first);
  EXPECT_EQ(queue.start(fetch_time), first);
  EXPECT_EQ(queue.join(true), first) << "its request is not written yet";
  EXPECT_FALSE(first->outcome);
}

TEST_F(FetchQueue, AQueryThatCameAfterTheRequestWaitsForTheNextFetch) {
  const auto first = queue.join(true);
  queue.start(fetch_time);
  queue.close(first);
  const auto second = queue.join(true);
  EXPECT_NE(second, first);
  EXPECT_EQ(queue.start(fetch_time), nullptr) << "one fetch at a time";
  queue.finish(first, failure_of(reason::api_timeout), fetch_time);
  EXPECT_EQ(first->outcome->failure.why, reason::api_timeout);
  EXPECT_FALSE(second->outcome);
  EXPECT_EQ(queue.start(fetch_time), second);
  queue.close(second);
  queue.finish(second, {}, fetch_time);
  EXPECT_EQ(queue.start(fetch_time), nullptr) << "no batch waits";
}

TEST_F(FetchQueue, AFetchThatFailedBeforeItsRequestAnswersThoseWhoCameMeanwhile) {
  const auto first = queue.join(true);
  queue.start(fetch_time);
  const auto later = queue.join(true);
  queue.finish(first, failure_of(reason::api_unreachable), fetch_time);
  EXPECT_EQ(later->outcome->failure.why, reason::api_unreachable);
  EXPECT_NE(queue.join(true), first);
}

TEST_F(FetchQueue, ARefreshHasNoQueryUntilOneJoins) {
  const auto refresh = queue.join(false);
  EXPECT_FALSE(refresh->has_query);
  EXPECT_EQ(queue.join(true), refresh);
  EXPECT_TRUE(refresh->has_query);
  queue.join(false);
  EXPECT_TRUE(refresh->has_query);
}

TEST_F(FetchQueue, RetryAfterIsWaitedForAndAnswersThoseWhoAskMeanwhile) {
  const auto first = queue.join(true);
  queue.start(fetch_time);
  queue.close(first);
  const auto second = queue.join(true);
  queue.finish(first, failure_of(reason::api_busy, 2s), fetch_time);
  EXPECT_EQ(queue.start(fetch_time), nullptr);
  EXPECT_EQ(queue.take_refused(fetch_time + 1s), second);
  EXPECT_EQ(second->outcome->failure.why, reason::api_busy);
  const auto third = queue.join(true);
  EXPECT_EQ(queue.take_refused(fetch_time + 2s), nullptr);
  EXPECT_EQ(queue.start(fetch_time + 2s), third);
}

TEST_F(FetchQueue, RefusesNoBatchThatIsBeingFetched) {
  const auto first = queue.join(true);
  queue.start(fetch_time);
  queue.close(first);
  queue.finish(first, failure_of(reason::api_busy, 1s), fetch_time);
  const auto second = queue.join(true);
  EXPECT_EQ(queue.start(fetch_time + 1s), second);
  EXPECT_EQ(queue.take_refused(fetch_time + 1s - 1ns), nullptr);
}

TEST_F(FetchQueue, WhilePausedABatchWaitsUntilItIsTakenOrTheQueueResumes) {
  const auto fetched = queue.join(true);
  queue.start(fetch_time);
  queue.pause(true);
  EXPECT_EQ(queue.take_open(), fetched) << "a LIST answers it before its request is written";
  fetched->outcome.emplace().failure.why = reason::api_error;
  queue.finish(fetched, failure_of(reason::api_busy, 2s), fetch_time);
  EXPECT_EQ(fetched->outcome->failure.why, reason::api_error) << "it has its outcome";
  const auto waiting = queue.join(true);
  EXPECT_NE(waiting, fetched);
  EXPECT_EQ(queue.take_refused(fetch_time + 1s), nullptr);
  EXPECT_EQ(queue.start(fetch_time + 2s), nullptr);
  queue.pause(false);
  EXPECT_EQ(queue.start(fetch_time + 2s), waiting);
}

}  // namespace
}  // namespace sidecar::pod
