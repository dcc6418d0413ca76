#include "sidecar/health/answer.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace sidecar::health {
namespace {

using namespace std::chrono_literals;

constexpr time_point now{24h};
const verdict ready = verdict_of(reason::all_containers_ready);
const verdict not_ready = verdict_of(reason::container_not_ready);
const verdict forced_up = verdict_of(reason::state_override_healthy);
const verdict forced_down = verdict_of(reason::state_override_unhealthy);

known_verdict seen(const verdict& said, std::chrono::nanoseconds age) { return {said, now - age}; }
answer plain(reason why) { return {verdict_of(why)}; }
answer held(const verdict& said, std::chrono::seconds age) { return {said, age}; }

struct answer_row {
  std::string name;
  answer_basis basis;
  hold_rule rule;
  answer expected;
};
void PrintTo(const answer_row& one, std::ostream* out) { *out << one.name; }

class Decide : public testing::TestWithParam<answer_row> {};

TEST_P(Decide, Answers) { EXPECT_EQ(decide(GetParam().basis, now, GetParam().rule), GetParam().expected); }

constexpr auto timeout = reason::api_timeout;
constexpr auto forbidden = reason::api_forbidden;

INSTANTIATE_TEST_SUITE_P(Override, Decide,
                         testing::Values(answer_row{"up", {.override_verdict = forced_up}, {30s}, {forced_up}},
                                         answer_row{"down beside a ready pod",
                                                    {.override_verdict = forced_down, .snapshot = seen(ready, 0s)},
                                                    {30s},
                                                    {forced_down}},
                                         answer_row{"up while nothing is known",
                                                    {.override_verdict = forced_up, .failure = timeout},
                                                    {30s},
                                                    {forced_up}}));

INSTANTIATE_TEST_SUITE_P(
    Snapshot, Decide,
    testing::Values(answer_row{"ready", {.snapshot = seen(ready, 0s)}, {30s}, {ready}},
                    answer_row{"not ready", {.snapshot = seen(not_ready, 0s)}, {30s}, {not_ready}},
                    answer_row{"that is current by what a watch says", {.snapshot = seen(ready, 19s)}, {0s}, {ready}},
                    answer_row{"none, and no failure known", {}, {30s}, plain(timeout)}));

INSTANTIATE_TEST_SUITE_P(
    Hold, Decide,
    testing::Values(
        answer_row{"at once", {.snapshot = seen(ready, 0s), .failure = timeout}, {30s}, held(ready, 0s)},
        answer_row{"known bad", {.snapshot = seen(not_ready, 5s), .failure = timeout}, {30s}, held(not_ready, 5s)},
        answer_row{"up to the grace", {.snapshot = seen(ready, 30s), .failure = timeout}, {30s}, held(ready, 30s)},
        answer_row{"no longer", {.snapshot = seen(ready, 30s + 1ns), .failure = timeout}, {30s}, plain(timeout)},
        answer_row{"never with a grace of 0", {.snapshot = seen(ready, 0s), .failure = timeout}, {0s}, plain(timeout)},
        answer_row{"known bad neither", {.snapshot = seen(not_ready, 0s), .failure = timeout}, {0s}, plain(timeout)},
        answer_row{"below a second", {.snapshot = seen(ready, 200ms), .failure = timeout}, {250ms}, held(ready, 0s)},
        answer_row{
            "below a second no longer", {.snapshot = seen(ready, 251ms), .failure = timeout}, {250ms}, plain(timeout)},
        answer_row{"age rounded down", {.snapshot = seen(ready, 1'999ms), .failure = timeout}, {30s}, held(ready, 1s)},
        answer_row{"from the future", {.snapshot = seen(ready, -5s), .failure = timeout}, {30s}, held(ready, 0s)},
        answer_row{"without a snapshot: the failure's reason", {.failure = forbidden}, {30s}, plain(forbidden)},
        answer_row{"beyond the grace: the failure's reason",
                   {.snapshot = seen(ready, 1h), .failure = forbidden},
                   {30s},
                   plain(forbidden)}));

const verdict leaving = verdict_of(reason::pod_terminating);
const verdict left = verdict_of(reason::pod_terminating_unready);
const answer drain = plain(reason::draining);
const answer down = plain(reason::draining_unready);

INSTANTIATE_TEST_SUITE_P(
    Draining, Decide,
    testing::Values(
        answer_row{"nothing known", {.is_draining = true}, {30s}, down},
        answer_row{"ready", {.is_draining = true, .snapshot = seen(ready, 0s), .failure = timeout}, {30s}, drain},
        answer_row{"not ready", {.is_draining = true, .snapshot = seen(not_ready, 0s)}, {30s}, down},
        answer_row{"leaving while it serves", {.is_draining = true, .snapshot = seen(leaving, 0s)}, {30s}, drain},
        answer_row{"leaving without", {.is_draining = true, .snapshot = seen(left, 0s)}, {30s}, down},
        answer_row{"held", {.is_draining = true, .snapshot = seen(ready, 30s), .failure = timeout}, {30s}, drain},
        answer_row{
            "beyond the hold", {.is_draining = true, .snapshot = seen(ready, 31s), .failure = timeout}, {30s}, down},
        answer_row{"without a grace, as long as a drain's look lasts",
                   {.is_draining = true, .snapshot = seen(ready, 2s), .failure = timeout},
                   {0s},
                   drain},
        answer_row{"without a grace no longer",
                   {.is_draining = true, .snapshot = seen(ready, 2'001ms), .failure = timeout},
                   {0s},
                   down},
        answer_row{"current by what a watch says", {.is_draining = true, .snapshot = seen(ready, 19s)}, {0s}, drain},
        answer_row{"override up", {.is_draining = true, .override_verdict = forced_up}, {30s}, drain},
        answer_row{"override down beside a ready pod",
                   {.is_draining = true, .override_verdict = forced_down, .snapshot = seen(ready, 0s)},
                   {30s},
                   down}));

}  // namespace
}  // namespace sidecar::health
