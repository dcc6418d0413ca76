#include "sidecar/kube/retry_policy.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

namespace sidecar::kube {
namespace {

using enum attempt_outcome;
using enum retry_action;

struct row {
  std::string name;
  std::vector<attempt_outcome> outcomes;
  std::vector<retry_action> expected;
};
void PrintTo(const row& one, std::ostream* out) { *out << one.name; }

class RetryPolicy : public testing::TestWithParam<row> {};

TEST_P(RetryPolicy, EarnsEachKindOnce) {
  retry_policy policy;
  for (std::size_t i = 0; i < GetParam().outcomes.size(); ++i) {
    EXPECT_EQ(policy.next(GetParam().outcomes[i]), GetParam().expected[i]) << "attempt " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, RetryPolicy,
    testing::Values(row{"a response", {responded}, {none}}, row{"a failure", {failed}, {none}},
                    row{"a kept connection", {broke_unanswered, broke_unanswered}, {new_connection, none}},
                    row{"a token", {unauthorized, unauthorized}, {reread_token, none}},
                    row{"a bundle", {untrusted, untrusted}, {reread_ca, none}},
                    row{"one after the other",
                        {broke_unanswered, untrusted, unauthorized, broke_unanswered},
                        {new_connection, reread_ca, reread_token, none}}));

}  // namespace
}  // namespace sidecar::kube
