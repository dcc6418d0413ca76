#include "sidecar/journal/transition_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "unit/journal/log_line_fields.hpp"

namespace sidecar::journal {
namespace {

using namespace std::chrono_literals;
using health::reason;
using log::level;

transition fresh(reason why) { return {.given = {verdict_of(why)}, .cause = why}; }
transition held(reason last_state, reason cause) { return {.given = {verdict_of(last_state), 3s}, .cause = cause}; }
transition refreshed(reason why) { return {.given = {verdict_of(why)}, .cause = why, .has_query = false}; }
transition of_container(std::string name, reason why, bool in_target = false) {
  return {.given = {verdict_of(why)}, .cause = why, .container = std::move(name), .in_target = in_target};
}

struct step {
  transition now;
  log::level severity;  ///< debug: a repetition
  std::string text;     ///< a part of the line
};
struct transition_row {
  const char* name;
  std::vector<step> steps;
  friend void PrintTo(const transition_row& row, std::ostream* out) { *out << row.name; }
};

class TransitionLog : public testing::TestWithParam<transition_row> {};

/// With 503 for down, 404 for a drain, and a grace of 1.5 s.
TEST_P(TransitionLog, SaysEachChangeOnce) {
  transition_log lines({503, 404}, 1500ms);
  int number = 0;
  for (const auto& [now, severity, text] : GetParam().steps) {
    const auto line = lines.note(now);
    EXPECT_EQ(line.level, severity) << "step " << number << ": " << line.message;
    EXPECT_THAT(line.message, testing::HasSubstr(text)) << "step " << number;
    ++number;
  }
}

const auto same = level::debug;
const auto all_ready = reason::all_containers_ready;
const auto not_all_ready = reason::container_not_ready;

const transition_row transitions[] = {
    {"Ready", {{fresh(all_ready), level::info, "answering 200: "}, {fresh(all_ready), same, "as before"}}},
    {"NotReady", {{fresh(not_all_ready), level::warn, "answering 503: "}, {fresh(not_all_ready), same, "as before"}}},
    {"Drain",
     {{fresh(reason::pod_terminating), level::warn, "answering 404: "},
      {fresh(reason::pod_terminating_unready), level::warn, "answering 503: "}}},
    {"BeginOfAShutdownWhichLogsItItself",
     {{fresh(all_ready), level::info, "200"},
      {fresh(reason::draining), same, ""},
      {fresh(reason::draining_unready), level::warn, "answering 503: "},
      {fresh(reason::draining), level::warn, "answering 404: "}}},
    {"ShutdownBeforeTheFirstAnswer",
     {{fresh(reason::draining_unready), same, ""}, {fresh(reason::draining), level::warn, "answering 404: "}}},
    {"Hold",
     {{fresh(all_ready), level::info, "200"},
      {held(all_ready, reason::api_unreachable), level::warn,
       "serving last known state (200 AllContainersReady) until it is 1s500ms old, pod state unavailable: " +
           std::string{health::meaning(reason::api_unreachable)}}}},
    {"SnapshotThatChangesDuringAHold",
     {{held(all_ready, reason::api_timeout), level::warn, "200"},
      {held(not_all_ready, reason::api_timeout), level::warn, "(503 ContainerNotReady)"}}},
    {"EndOfAHold",
     {{held(all_ready, reason::api_timeout), level::warn, "200"},
      {fresh(reason::api_timeout), level::warn, "answering 503: "},
      {fresh(all_ready), level::info, "answering 200: "}}},
    {"RefreshDoesNotEndAHoldThatClientsStillSee",
     {{held(all_ready, reason::api_timeout), level::warn, "200"},
      {refreshed(all_ready), same, ""},
      {held(all_ready, reason::api_timeout), same, ""},
      {fresh(all_ready), level::info, "answering 200: "}}},
    {"RefreshThatFindsAnotherVerdict",
     {{fresh(all_ready), level::info, "200"}, {refreshed(not_all_ready), level::warn, "answering 503: "}}},
    {"CauseOfAHoldThatWavers",
     {{held(all_ready, reason::api_timeout), level::warn, "200"},
      {held(all_ready, reason::api_unreachable), same, ""}}},
    {"CauseThatNeedsAnOperator",
     {{held(all_ready, reason::api_unreachable), level::warn, "200"},
      {held(all_ready, reason::api_forbidden), level::warn, "Role"},
      {held(all_ready, reason::api_unreachable), same, ""},
      {held(all_ready, reason::api_forbidden), same, ""}}},
    {"Advice", {{fresh(reason::api_forbidden), level::warn, "Role"}}},
    {"ContainerThatIsAsItShouldBe", {{of_container("game", reason::container_ready), same, ""}}},
    {"ContainerThatChanges",
     {{fresh(all_ready), level::info, "200"},
      {of_container("game", not_all_ready), level::warn, "answering 503 for container game: "},
      {of_container("game", not_all_ready), same, ""},
      {of_container("game", reason::container_ready), level::info, "answering 200 for container game: "}}},
    {"ContainersThatAreUnreadyFromTheStart",
     {{of_container("game", reason::container_status_unknown), level::warn, "container game"},
      {of_container("setup", reason::target_is_init_container), level::warn, "container setup"},
      {of_container("game", not_all_ready), level::warn, "container game"}}},
    {"ContainerThatTheTargetsLineHasJustCovered",
     {{fresh(all_ready), level::info, ""},
      {fresh(not_all_ready), level::warn, ""},
      {of_container("game", not_all_ready, true), same, ""},
      {of_container("other", not_all_ready, false), level::warn, "container other"},
      {fresh(not_all_ready), same, ""},
      {of_container("web", not_all_ready, true), level::warn, "container web"}}},
    {"WhatConcernsTheWholePodIsTheTargets",
     {{of_container("game", reason::pod_terminating), same, ""},
      {of_container("game", reason::pod_terminating_unready), same, ""},
      {of_container("game", reason::pod_failed), same, ""},
      {of_container("game", reason::pod_not_found), same, ""},
      {of_container("game", reason::pod_replaced), same, ""},
      {of_container("game", reason::node_lost), same, ""}}},
};

INSTANTIATE_TEST_SUITE_P(All, TransitionLog, testing::ValuesIn(transitions),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(TransitionFields, SayWhatAnOperatorLooksFor) {
  transition_log lines({500, 500}, 30s, {config::run_mode::sidecar, "demo/game-0", "HOSTNAME"});
  auto one = held(all_ready, reason::api_timeout);
  one.detail = "no response";
  EXPECT_THAT(fields_of(lines.note(one)), testing::ElementsAre("reason=ApiTimeout", "pod=demo/game-0",
                                                               "held=AllContainersReady", "detail=no response"));
  EXPECT_THAT(fields_of(lines.note(of_container("game", not_all_ready))),
              testing::ElementsAre("reason=ContainerNotReady", "pod=demo/game-0", "container=game"));
  EXPECT_THAT(fields_of(lines.note(fresh(reason::pod_not_found))),
              testing::ElementsAre("reason=PodNotFound", "pod=demo/game-0", "pod_name_from=HOSTNAME"));
}

transition labelled(const std::string& value) {
  auto one = fresh(all_ready);
  one.maintenance = value;
  return one;
}

TEST(TransitionLogLabel, OfAnotherValueIsWarnedOfOnce) {
  transition_log lines({500, 500}, 30s);
  EXPECT_FALSE(lines.note_label(fresh(all_ready)));
  EXPECT_FALSE(lines.note_label(labelled("true")));
  const auto odd = lines.note_label(labelled("True"));
  ASSERT_TRUE(odd);
  EXPECT_THAT(odd->message, testing::HasSubstr("has another value than true"));
  EXPECT_EQ(odd->fields.back().value, "True");
  EXPECT_FALSE(lines.note_label(labelled("True")));
  EXPECT_FALSE(lines.note_label(fresh(all_ready)));
  EXPECT_FALSE(lines.note_label(labelled("True")));
  EXPECT_TRUE(lines.note_label(labelled("")));
}

}  // namespace
}  // namespace sidecar::journal
