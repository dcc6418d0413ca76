#include "sidecar/app/notice_log.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace sidecar::app {
namespace {

using namespace std::chrono_literals;
using kind = watch_steps::notice::kind;

constexpr time_point first_notice{24h};

bool has(const std::optional<log_line>& line, std::string_view text) {
  return line && line->message.find(text) != std::string::npos;
}

TEST(NoticeLog, CountsMissedEvents) {
  notice_log lines;
  EXPECT_TRUE(has(lines.note({kind::missed_event}, first_notice), "missed so far: 1"));
  EXPECT_TRUE(has(lines.note({kind::missed_event}, first_notice), "missed so far: 2"));
}

TEST(NoticeLog, SaysWhyAnswersAreLiveAtOnceAndEveryHour) {
  notice_log lines;
  EXPECT_TRUE(has(lines.note({kind::denied}, first_notice), "list and watch"));
  EXPECT_FALSE(lines.note({kind::denied}, first_notice + 5min));
  EXPECT_FALSE(lines.note({kind::denied}, first_notice + 1h - 1ns));
  EXPECT_TRUE(lines.note({kind::denied}, first_notice + 1h));
  EXPECT_FALSE(lines.note({kind::denied}, first_notice + 1h + 5min));
}

TEST(NoticeLog, SaysThatTheCauseIsAnotherOne) {
  notice_log lines;
  lines.note({kind::denied}, first_notice);
  EXPECT_TRUE(has(lines.note({kind::watches_cut}, first_notice), "proxy"));
}

TEST(NoticeLog, SaysOnceThatItIsOver) {
  notice_log lines;
  EXPECT_FALSE(lines.note({kind::restored}, first_notice)) << "nothing was wrong";
  lines.note({kind::watches_cut}, first_notice);
  const auto line = lines.note({kind::restored}, first_notice);
  ASSERT_TRUE(line);
  EXPECT_EQ(line->level, log::level::info);
  EXPECT_FALSE(lines.note({kind::restored}, first_notice));
  EXPECT_TRUE(lines.note({kind::watches_cut}, first_notice)) << "it begins again";
}

}  // namespace
}  // namespace sidecar::app
