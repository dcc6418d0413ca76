#include "sidecar/app/fetch_queue.hpp"

#include <gtest/gtest.h>

namespace sidecar::app {
namespace {

using namespace std::chrono_literals;
using health::reason;

constexpr time_point now{1h};

fetch_outcome failure_of(reason why) { return {.failure = why}; }

class FetchQueue : public testing::Test {
 protected:
  fetch_queue queue;
};

TEST_F(FetchQueue, QueriesShareTheOpenBatch) {
  const auto first = queue.join(true);
  EXPECT_EQ(queue.join(true), first);
  EXPECT_EQ(queue.start(now), first);
  EXPECT_EQ(queue.join(true), first) << "its request is not written yet";
  EXPECT_FALSE(first->outcome);
}

TEST_F(FetchQueue, AQueryThatCameAfterTheRequestWaitsForTheNextFetch) {
  const auto first = queue.join(true);
  queue.start(now);
  queue.close(first);
  const auto second = queue.join(true);
  EXPECT_NE(second, first);
  EXPECT_EQ(queue.start(now), nullptr) << "one fetch at a time";
  queue.finish(first, failure_of(reason::api_timeout), {}, now);
  EXPECT_EQ(first->outcome->failure, reason::api_timeout);
  EXPECT_FALSE(second->outcome);
  EXPECT_EQ(queue.start(now), second);
}

TEST_F(FetchQueue, StartsNothingWithoutABatch) {
  EXPECT_EQ(queue.start(now), nullptr);
  const auto first = queue.join(true);
  queue.start(now);
  queue.close(first);
  queue.finish(first, {}, {}, now);
  EXPECT_EQ(queue.start(now), nullptr);
}

TEST_F(FetchQueue, AFetchThatFailedBeforeItsRequestAnswersThoseWhoCameMeanwhile) {
  const auto first = queue.join(true);
  queue.start(now);
  const auto later = queue.join(true);
  queue.finish(first, failure_of(reason::api_unreachable), {}, now);
  EXPECT_EQ(later->outcome->failure, reason::api_unreachable);
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
  queue.start(now);
  queue.close(first);
  const auto second = queue.join(true);
  queue.finish(first, failure_of(reason::api_busy), 2s, now);
  EXPECT_EQ(queue.start(now), nullptr);
  EXPECT_EQ(queue.take_refused(now + 1s), second);
  EXPECT_EQ(second->outcome->failure, reason::api_busy);
  const auto third = queue.join(true);
  EXPECT_EQ(queue.take_refused(now + 2s), nullptr);
  EXPECT_EQ(queue.start(now + 2s), third);
}

TEST_F(FetchQueue, RefusesNoBatchThatIsBeingFetched) {
  const auto first = queue.join(true);
  queue.start(now);
  queue.close(first);
  queue.finish(first, failure_of(reason::api_busy), 1s, now);
  const auto second = queue.join(true);
  EXPECT_EQ(queue.start(now + 1s), second);
  EXPECT_EQ(queue.take_refused(now + 1s - 1ns), nullptr);
}

TEST_F(FetchQueue, ADrainOpensAnotherBatch) {
  const auto first = queue.join(true);
  queue.reset();
  EXPECT_NE(queue.join(false), first);
}

}  // namespace
}  // namespace sidecar::app
