#include "sidecar/journal/notice_log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/journal/log_line_fields.hpp"

namespace sidecar::journal {
namespace {

using namespace std::chrono_literals;
using kind = watch::steps::notice::kind;

struct notice_row {
  std::chrono::nanoseconds later;  ///< since the first notice
  kind given;
  log::level severity;
  const char* text;  ///< a part of the line; empty: none
};

const notice_row notices[] = {
    {0s, kind::restored, {}, ""},  // nothing was wrong
    {0s, kind::missed_event, log::level::warn,
     "watch missed a change (found by resync); restarting watch; missed so far: 1"},
    {0s, kind::missed_event, log::level::warn, "missed so far: 2"},
    {0s, kind::watch_ended, log::level::debug, "watch ended"},
    {0s, kind::denied, log::level::warn, "the verbs list and watch on pods"},
    {1h - 1ns, kind::denied, {}, ""},
    {1h, kind::denied, log::level::warn, "may not list and watch the pod"},
    {1h + 5min, kind::denied, {}, ""},
    {1h + 5min, kind::watches_cut, log::level::warn, "let the proxy in front of the API server"},
    {1h + 6min, kind::restored, log::level::info, "answering from the watch"},
    {1h + 6min, kind::restored, {}, ""},
    {1h + 6min, kind::watches_cut, log::level::warn, "watches end within seconds"},
};

TEST(NoticeLog, SaysWhatIsWrongWhenItBeginsHourlyAndWhenItIsOver) {
  notice_log lines({config::run_mode::sidecar, "demo/game-0"});
  int number = 0;
  for (const auto& [later, given, severity, text] : notices) {
    SCOPED_TRACE(number++);
    const auto line = lines.note({given, "why"}, time_point{24h} + later);
    ASSERT_EQ(line.has_value(), *text != 0);
    if (!line) continue;
    EXPECT_EQ(line->level, severity);
    EXPECT_THAT(line->message, testing::HasSubstr(text));
    EXPECT_THAT(fields_of(*line), testing::ElementsAre("pod=demo/game-0", "detail=why"));
  }
}

TEST(NoticeLog, OfANodeSaysThatNothingElseAnswers) {
  notice_log lines({config::run_mode::node, "node-a"});
  const auto denied = lines.note({kind::denied, "why"}, time_point{24h});
  EXPECT_THAT(denied->message, testing::HasSubstr("as it was last known for STALE_GRACE, then it is not healthy"));
  EXPECT_THAT(fields_of(*denied), testing::ElementsAre("node=node-a", "detail=why"));
  EXPECT_THAT(lines.note({kind::watches_cut}, time_point{25h})->message, testing::HasSubstr("pods are listed again"));
  EXPECT_THAT(lines.note({kind::restored}, time_point{25h})->message, testing::StartsWith("pods can be listed"));
}

}  // namespace
}  // namespace sidecar::journal
