#include "sidecar/app/notice_log.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace sidecar::app {
namespace {

using namespace std::chrono_literals;
using kind = watch_steps::notice::kind;

constexpr time_point now{24h};

bool has(const std::optional<log_line>& line, std::string_view text) {
  return line && line->message.find(text) != std::string::npos;
}

TEST(NoticeLog, CountsMissedEvents) {
  notice_log lines;
  EXPECT_TRUE(has(lines.note({kind::missed_event}, now), "missed so far: 1"));
  EXPECT_TRUE(has(lines.note({kind::missed_event}, now), "missed so far: 2"));
}

TEST(NoticeLog, SaysWhyAnswersAreLiveAtOnceAndEveryHour) {
  notice_log lines;
  EXPECT_TRUE(has(lines.note({kind::denied}, now), "list and watch"));
  EXPECT_FALSE(lines.note({kind::denied}, now + 5min));
  EXPECT_FALSE(lines.note({kind::denied}, now + 1h - 1ns));
  EXPECT_TRUE(lines.note({kind::denied}, now + 1h));
  EXPECT_FALSE(lines.note({kind::denied}, now + 1h + 5min));
}

TEST(NoticeLog, SaysThatTheCauseIsAnotherOne) {
  notice_log lines;
  lines.note({kind::denied}, now);
  EXPECT_TRUE(has(lines.note({kind::watches_cut}, now), "proxy"));
}

TEST(NoticeLog, SaysOnceThatItIsOver) {
  notice_log lines;
  EXPECT_FALSE(lines.note({kind::restored}, now)) << "nothing was wrong";
  lines.note({kind::watches_cut}, now);
  const auto line = lines.note({kind::restored}, now);
  ASSERT_TRUE(line);
  EXPECT_EQ(line->level, log::level::info);
  EXPECT_FALSE(lines.note({kind::restored}, now));
  EXPECT_TRUE(lines.note({kind::watches_cut}, now)) << "it begins again";
}

}  // namespace
}  // namespace sidecar::app
