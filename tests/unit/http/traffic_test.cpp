#include "sidecar/http/traffic.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <numeric>

namespace sidecar::http {
namespace {

using namespace std::chrono_literals;

health::answer answer_of(health::reason why) { return {health::verdict_of(why)}; }

TEST(Traffic, CountsAnswersByTheirStatusAndWhetherTheyAreHeld) {
  traffic counted;
  counted.count(answer_of(health::reason::all_containers_ready));
  counted.count({health::verdict_of(health::reason::all_containers_ready), 3s});
  counted.count({health::verdict_of(health::reason::all_containers_ready), 0s});
  counted.count(answer_of(health::reason::container_not_ready));
  counted.count(answer_of(health::reason::api_timeout));
  counted.count(answer_of(health::reason::pod_terminating));
  counted.count(answer_of(health::reason::pod_terminating_unready));
  EXPECT_EQ(counted.answered(answer_kind::healthy, false), 1U);
  EXPECT_EQ(counted.answered(answer_kind::healthy, true), 2U);
  EXPECT_EQ(counted.answered(answer_kind::unhealthy, false), 3U);
  EXPECT_EQ(counted.answered(answer_kind::unhealthy, true), 0U);
  EXPECT_EQ(counted.answered(answer_kind::drain, false), 1U);
  EXPECT_EQ(counted.answered(answer_kind::drain, true), 0U);
}

TEST(Traffic, TheKindOfEveryReasonIsTheOneThatItsStatusHas) {
  constexpr health::unhealthy_statuses statuses{500, 404};
  for (std::size_t at = 0; at < health::reason_count; ++at) {
    const auto given = health::verdict_of(static_cast<health::reason>(at));
    constexpr std::array<unsigned, 3> by_kind{200, statuses.down, statuses.drain};
    EXPECT_EQ(by_kind[static_cast<std::size_t>(kind_of(given))], health::status_of(given, statuses))
        << health::name(given.reason);
  }
}

TEST(Traffic, CountsEachRefusalUnderItsStatus) {
  traffic counted;
  for (const auto status : refusal_statuses) {
    counted.count_refusal(status);
    EXPECT_EQ(counted.refused(status), 1U) << status;
  }
  counted.count_refusal(404);
  EXPECT_EQ(counted.refused(404), 2U);
}

TEST(Traffic, IgnoresAStatusThatIsNoRefusal) {
  traffic counted;
  for (const unsigned status : {0U, 200U, 500U, 599U}) {
    counted.count_refusal(status);
    EXPECT_EQ(counted.refused(status), 0U) << status;
  }
  EXPECT_EQ(std::accumulate(counted.refusals.begin(), counted.refusals.end(), 0ULL), 0U);
}

}  // namespace
}  // namespace sidecar::http
