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

struct row {
  std::string name;
  answer_basis basis;
  hold_rule rule;
  answer expected;
};
void PrintTo(const row& one, std::ostream* out) { *out << one.name; }

class Decide : public testing::TestWithParam<row> {};

TEST_P(Decide, Answers) { EXPECT_EQ(decide(GetParam().basis, now, GetParam().rule), GetParam().expected); }

constexpr auto timeout = reason::api_timeout;
constexpr auto forbidden = reason::api_forbidden;

INSTANTIATE_TEST_SUITE_P(Override, Decide,
                         testing::Values(row{"up", {.override_verdict = forced_up}, {30s}, {forced_up}},
                                         row{"down beside a ready pod",
                                             {.override_verdict = forced_down, .snapshot = seen(ready, 0s)},
                                             {30s},
                                             {forced_down}},
                                         row{"up while nothing is known",
                                             {.override_verdict = forced_up, .failure = timeout},
                                             {30s},
                                             {forced_up}}));

INSTANTIATE_TEST_SUITE_P(
    Snapshot, Decide,
    testing::Values(row{"ready", {.snapshot = seen(ready, 0s)}, {30s}, {ready}},
                    row{"not ready", {.snapshot = seen(not_ready, 0s)}, {30s}, {not_ready}},
                    row{"that is current by what a watch says", {.snapshot = seen(ready, 19s)}, {0s}, {ready}},
                    row{"none, and no failure known", {}, {30s}, plain(timeout)}));

INSTANTIATE_TEST_SUITE_P(
    Hold, Decide,
    testing::Values(
        row{"at once", {.snapshot = seen(ready, 0s), .failure = timeout}, {30s}, held(ready, 0s)},
        row{"known bad", {.snapshot = seen(not_ready, 5s), .failure = timeout}, {30s}, held(not_ready, 5s)},
        row{"up to the grace", {.snapshot = seen(ready, 30s), .failure = timeout}, {30s}, held(ready, 30s)},
        row{"no longer", {.snapshot = seen(ready, 30s + 1ns), .failure = timeout}, {30s}, plain(timeout)},
        row{"never with a grace of 0", {.snapshot = seen(ready, 0s), .failure = timeout}, {0s}, plain(timeout)},
        row{"known bad neither", {.snapshot = seen(not_ready, 0s), .failure = timeout}, {0s}, plain(timeout)},
        row{"below a second", {.snapshot = seen(ready, 200ms), .failure = timeout}, {250ms}, held(ready, 0s)},
        row{"below a second no longer", {.snapshot = seen(ready, 251ms), .failure = timeout}, {250ms}, plain(timeout)},
        row{"age rounded down", {.snapshot = seen(ready, 1'999ms), .failure = timeout}, {30s}, held(ready, 1s)},
        row{"from the future", {.snapshot = seen(ready, -5s), .failure = timeout}, {30s}, held(ready, 0s)},
        row{"without a snapshot: the failure's reason", {.failure = forbidden}, {30s}, plain(forbidden)},
        row{"beyond the grace: the failure's reason",
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
        row{"nothing known", {.is_draining = true}, {30s}, down},
        row{"ready", {.is_draining = true, .snapshot = seen(ready, 0s), .failure = timeout}, {30s}, drain},
        row{"not ready", {.is_draining = true, .snapshot = seen(not_ready, 0s)}, {30s}, down},
        row{"leaving while it serves", {.is_draining = true, .snapshot = seen(leaving, 0s)}, {30s}, drain},
        row{"leaving without", {.is_draining = true, .snapshot = seen(left, 0s)}, {30s}, down},
        row{"held", {.is_draining = true, .snapshot = seen(ready, 30s), .failure = timeout}, {30s}, drain},
        row{"beyond the hold", {.is_draining = true, .snapshot = seen(ready, 31s), .failure = timeout}, {30s}, down},
        row{"without a grace, as long as a drain's look lasts",
            {.is_draining = true, .snapshot = seen(ready, 2s), .failure = timeout},
            {0s},
            drain},
        row{"without a grace no longer",
            {.is_draining = true, .snapshot = seen(ready, 2'001ms), .failure = timeout},
            {0s},
            down},
        row{"current by what a watch says", {.is_draining = true, .snapshot = seen(ready, 19s)}, {0s}, drain},
        row{"override up", {.is_draining = true, .override_verdict = forced_up}, {30s}, drain},
        row{"override down beside a ready pod",
            {.is_draining = true, .override_verdict = forced_down, .snapshot = seen(ready, 0s)},
            {30s},
            down}));

}  // namespace
}  // namespace sidecar::health
