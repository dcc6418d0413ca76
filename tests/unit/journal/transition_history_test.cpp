#include "sidecar/journal/transition_history.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

namespace sidecar::journal {
namespace {

using namespace std::chrono_literals;
using health::reason;

constexpr transition_history::system_time history_start{1h};

transition given(reason why, std::string detail = {}) {
  return {.given = {verdict_of(why)}, .cause = why, .detail = std::move(detail)};
}
transition given_held(reason last_state, reason cause, std::chrono::seconds age = 3s) {
  return {.given = {verdict_of(last_state), age}, .cause = cause};
}
transition given_by_a_refresh(transition one) {
  one.has_query = false;
  return one;
}
transition given_for_a_container(transition one) {
  one.container = "game";
  return one;
}

/// As the daemon does.
void note(transition_history& history, const transition& now, transition_history::system_time at = history_start) {
  if (history.is_new(now)) history.add({at, now.given, now.cause, now.detail});
}

struct history_step {
  transition now;
  bool is_new;
  std::uint64_t verdict_changes;
};
struct history_row {
  const char* name;
  std::vector<history_step> steps;
  friend void PrintTo(const history_row& row, std::ostream* out) { *out << row.name; }
};

class TransitionHistory : public testing::TestWithParam<history_row> {};

TEST_P(TransitionHistory, HasEachChangeOnce) {
  transition_history history;
  auto at = history_start;
  for (const auto& [now, is_new, verdict_changes] : GetParam().steps) {
    const auto before = history.entries().size();
    note(history, now, at);
    ASSERT_EQ(history.entries().size(), before + (is_new ? 1 : 0)) << (at - history_start) / 1s;
    EXPECT_EQ(history.verdict_changes(), verdict_changes) << (at - history_start) / 1s;
    if (is_new) {
      EXPECT_EQ(history.since(), at);
      EXPECT_EQ(history.entries().front().at, at);
      EXPECT_EQ(history.entries().front().given, now.given);
      EXPECT_EQ(history.entries().front().cause, now.cause);
    }
    at += 1s;
  }
}

const auto is_ready = reason::all_containers_ready;
const auto is_unready = reason::container_not_ready;

const history_row histories[] = {
    {"TheFirstAnswerIsNoChangeOfTheVerdict", {{given(is_ready), true, 0}, {given(is_ready), false, 0}}},
    {"Verdicts",
     {{given(is_ready), true, 0},
      {given(is_unready), true, 1},
      {given(is_unready), false, 1},
      {given(is_ready), true, 2}}},
    {"VerdictOfTheSameStateForAnotherReason",
     {{given(reason::api_timeout), true, 0}, {given(reason::api_error), true, 1}}},
    {"Hold",
     {{given(is_ready), true, 0},
      {given_held(is_ready, reason::api_timeout), true, 0},
      {given_held(is_ready, reason::api_timeout, 13s), false, 0},
      {given_held(is_ready, reason::api_forbidden), false, 0},
      {given(reason::api_forbidden), true, 1},
      {given(is_ready), true, 2}}},
    {"SnapshotThatChangesDuringAHold",
     {{given_held(is_ready, reason::api_timeout), true, 0}, {given_held(is_unready, reason::api_timeout), true, 1}}},
    {"WhatARefreshSawFirst",
     {{given_by_a_refresh(given(is_ready)), true, 0},
      {given_by_a_refresh(given_held(is_ready, reason::api_timeout)), true, 0},
      {given_by_a_refresh(given(is_ready)), true, 0},
      {given(is_ready), false, 0}}},
    {"Drain",
     {{given(is_ready), true, 0}, {given(reason::draining), true, 1}, {given(reason::draining_unready), true, 2}}},
    {"ContainersOfPaths",
     {{given_for_a_container(given(is_unready)), false, 0},
      {given(is_ready), true, 0},
      {given_for_a_container(given(is_unready)), false, 0}}},
};

INSTANTIATE_TEST_SUITE_P(All, TransitionHistory, testing::ValuesIn(histories),
                         [](const auto& row) { return std::string{row.param.name}; });

TEST(TransitionHistoryLimits, TheOldestGoesAndIsStillCounted) {
  transition_history history;
  EXPECT_EQ(history.since(), std::nullopt);
  for (int i = 0; i <= 100; ++i) note(history, given(i % 2 == 0 ? is_ready : is_unready), history_start + i * 1s);
  ASSERT_EQ(history.entries().size(), 50U);
  EXPECT_EQ(history.entries().front().at, history_start + 100s);
  EXPECT_EQ(history.entries().back().at, history_start + 51s);
  EXPECT_EQ(history.verdict_changes(), 100U);
}

TEST(TransitionHistoryLimits, DetailIsCutBetweenCharacters) {
  const std::string euro = "\xe2\x82\xac";
  const std::pair<std::string, std::size_t> rows[] = {{"", 0},
                                                      {std::string(256, 'x'), 256},
                                                      {std::string(257, 'x'), 256},
                                                      {std::string(253, 'x') + euro + "x", 256},
                                                      {std::string(254, 'x') + euro, 254},
                                                      {std::string(255, 'x') + euro, 255},
                                                      {std::string(1000, '\x80'), 0}};
  for (const auto& [detail, kept] : rows) {
    transition_history history;
    note(history, given(is_unready, detail));
    EXPECT_EQ(history.entries().front().detail, detail.substr(0, kept));
  }
}

}  // namespace
}  // namespace sidecar::journal
