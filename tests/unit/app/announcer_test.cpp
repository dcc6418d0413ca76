#include "sidecar/app/announcer.hpp"

#include <gtest/gtest.h>

namespace sidecar::app {
namespace {

using namespace std::chrono_literals;
using health::answer;
using health::reason;

answer fresh(reason why) { return {verdict_of(why)}; }
answer held(reason why) { return {verdict_of(why), 3s}; }

TEST(Announcer, SpeaksOfTheFirstVerdict) {
  announcer says(500, 30s);
  const auto first = says.note(fresh(reason::all_containers_ready), reason::all_containers_ready);
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->good);
  EXPECT_NE(first->message.find("200"), std::string::npos);
}

TEST(Announcer, IsSilentWhileNothingChanges) {
  announcer says(500, 30s);
  says.note(fresh(reason::container_not_ready), reason::container_not_ready);
  EXPECT_FALSE(says.note(fresh(reason::container_not_ready), reason::container_not_ready));
}

TEST(Announcer, NamesTheConfiguredStatus) {
  announcer says(503, 30s);
  const auto bad = says.note(fresh(reason::container_not_ready), reason::container_not_ready);
  ASSERT_TRUE(bad);
  EXPECT_FALSE(bad->good);
  EXPECT_NE(bad->message.find("503"), std::string::npos);
}

TEST(Announcer, SpeaksWhenAnAnswerBecomesAHeldOne) {
  announcer says(500, 30s);
  says.note(fresh(reason::all_containers_ready), reason::all_containers_ready);
  const auto now_held = says.note(held(reason::all_containers_ready), reason::api_unreachable);
  ASSERT_TRUE(now_held);
  EXPECT_FALSE(now_held->good) << "an outage is a warning even while answers stay 200";
  EXPECT_NE(now_held->message.find("30 s"), std::string::npos);
  EXPECT_NE(now_held->message.find(health::meaning(reason::api_unreachable)), std::string::npos);
}

TEST(Announcer, SpeaksAgainWhenTheHoldIsOverAndWhenTheTruthIsBack) {
  announcer says(500, 30s);
  says.note(held(reason::all_containers_ready), reason::api_timeout);
  EXPECT_TRUE(says.note(fresh(reason::api_timeout), reason::api_timeout));
  EXPECT_TRUE(says.note(fresh(reason::all_containers_ready), reason::all_containers_ready));
}

TEST(Announcer, DoesNotRepeatAHoldWhoseCauseWavers) {
  announcer says(500, 30s);
  says.note(held(reason::all_containers_ready), reason::api_timeout);
  EXPECT_FALSE(says.note(held(reason::all_containers_ready), reason::api_unreachable));
}

TEST(Announcer, SaysWhatToDoAboutAMissingRole) {
  announcer says(500, 30s);
  const auto line = says.note(fresh(reason::api_forbidden), reason::api_forbidden);
  ASSERT_TRUE(line);
  EXPECT_NE(line->message.find("Role"), std::string::npos);
}

}  // namespace
}  // namespace sidecar::app
