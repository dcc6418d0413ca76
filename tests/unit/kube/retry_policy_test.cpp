#include "sidecar/kube/retry_policy.hpp"

#include <gtest/gtest.h>

namespace sidecar::kube {
namespace {

TEST(RetryPolicy, AllowsEachKindOnceAndNothingAfterAResponseOrAnotherFailure) {
  retry_policy policy;
  for (const auto final_outcome : {attempt_outcome::responded, attempt_outcome::failed}) {
    EXPECT_FALSE(policy.allows_retry(final_outcome));
  }
  const auto kinds = {attempt_outcome::broke_unanswered, attempt_outcome::untrusted, attempt_outcome::unauthorized};
  for (const auto kind : kinds) EXPECT_TRUE(policy.allows_retry(kind));
  for (const auto kind : kinds) EXPECT_FALSE(policy.allows_retry(kind));
}

}  // namespace
}  // namespace sidecar::kube
