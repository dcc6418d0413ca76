#include "sidecar/app/announcer.hpp"

#include <gtest/gtest.h>

namespace sidecar::app {
namespace {

using namespace std::chrono_literals;
using health::answer;
using health::reason;

news fresh(reason why) { return {.given = {verdict_of(why)}, .cause = why}; }
news held(reason last_truth, reason cause) { return {.given = {verdict_of(last_truth), 3s}, .cause = cause}; }

news of_a_refresh(news heard) {
  heard.somebody_asked = false;
  return heard;
}

bool has(const std::optional<announcement>& said, std::string_view text) {
  return said && said->message.find(text) != std::string::npos;
}

TEST(Announcer, SpeaksOfTheFirstVerdict) {
  announcer says({500, 500}, 30s);
  const auto first = says.note(fresh(reason::all_containers_ready));
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->good);
  EXPECT_TRUE(has(first, "200"));
}

TEST(Announcer, IsSilentWhileNothingChanges) {
  announcer says({500, 500}, 30s);
  says.note(fresh(reason::container_not_ready));
  EXPECT_FALSE(says.note(fresh(reason::container_not_ready)));
}

TEST(Announcer, NamesTheConfiguredStatus) {
  announcer says({503, 503}, 30s);
  const auto bad = says.note(fresh(reason::container_not_ready));
  ASSERT_TRUE(bad);
  EXPECT_FALSE(bad->good);
  EXPECT_TRUE(has(bad, "503"));
}

TEST(Announcer, NamesTheStatusOfADrain) {
  announcer says({503, 404}, 30s);
  EXPECT_TRUE(has(says.note(fresh(reason::pod_terminating)), "answers 404: "));
  EXPECT_TRUE(has(says.note(fresh(reason::pod_terminating_unready)), "answers 503: "));
}

TEST(Announcer, SaysWhatIsHeldWhyAndForHowLong) {
  announcer says({500, 500}, 30s);
  says.note(fresh(reason::all_containers_ready));
  const auto now_held = says.note(held(reason::all_containers_ready, reason::api_unreachable));
  ASSERT_TRUE(now_held);
  EXPECT_FALSE(now_held->good) << "an outage is a warning even while answers are 200";
  for (const auto text : {std::string_view{"200"}, health::name(reason::all_containers_ready), std::string_view{"30 s"},
                          health::meaning(reason::api_unreachable)}) {
    EXPECT_TRUE(has(now_held, text)) << text;
  }
}

TEST(Announcer, WritesAShortGraceInMilliseconds) {
  announcer says({500, 500}, 1500ms);
  EXPECT_TRUE(has(says.note(held(reason::all_containers_ready, reason::api_unreachable)), "1500 ms"));
}

TEST(Announcer, SpeaksOfATruthThatChangedBehindAHold) {
  announcer says({500, 500}, 30s);
  says.note(held(reason::all_containers_ready, reason::api_timeout));
  const auto worse = says.note(held(reason::container_not_ready, reason::api_timeout));
  EXPECT_TRUE(has(worse, "500"));
  EXPECT_TRUE(has(worse, "ContainerNotReady"));
}

TEST(Announcer, SpeaksAgainWhenTheHoldIsOverAndWhenTheTruthIsBack) {
  announcer says({500, 500}, 30s);
  says.note(held(reason::all_containers_ready, reason::api_timeout));
  EXPECT_TRUE(says.note(fresh(reason::api_timeout)));
  EXPECT_TRUE(says.note(fresh(reason::all_containers_ready)));
}

TEST(Announcer, RefreshDoesNotEndAHoldThatClientsStillSee) {
  announcer says({500, 500}, 30s);
  says.note(held(reason::all_containers_ready, reason::api_timeout));
  EXPECT_FALSE(says.note(of_a_refresh(fresh(reason::all_containers_ready))));
  EXPECT_FALSE(says.note(held(reason::all_containers_ready, reason::api_timeout)));
  EXPECT_TRUE(says.note(fresh(reason::all_containers_ready)));
}

TEST(Announcer, RefreshThatFindsAnotherVerdictIsNews) {
  announcer says({500, 500}, 30s);
  says.note(fresh(reason::all_containers_ready));
  EXPECT_TRUE(says.note(of_a_refresh(fresh(reason::container_not_ready))));
}

TEST(Announcer, DoesNotRepeatAHoldWhoseCauseWavers) {
  announcer says({500, 500}, 30s);
  says.note(held(reason::all_containers_ready, reason::api_timeout));
  EXPECT_FALSE(says.note(held(reason::all_containers_ready, reason::api_unreachable)));
}

TEST(Announcer, CauseThatNeedsMendingIsToldOfOnceInAHold) {
  announcer says({500, 500}, 30s);
  says.note(held(reason::all_containers_ready, reason::api_unreachable));
  EXPECT_TRUE(has(says.note(held(reason::all_containers_ready, reason::api_forbidden)), "Role"));
  says.note(held(reason::all_containers_ready, reason::api_unreachable));
  EXPECT_FALSE(says.note(held(reason::all_containers_ready, reason::api_forbidden)));
}

TEST(Announcer, SaysWhatToDoAboutAMissingRole) {
  announcer says({500, 500}, 30s);
  EXPECT_TRUE(has(says.note(fresh(reason::api_forbidden)), "Role"));
}

news of_container(std::string name, reason why, bool in_target = false) {
  return {.given = {verdict_of(why)}, .cause = why, .container = std::move(name), .in_target = in_target};
}

class Announcers : public testing::Test {
 protected:
  Announcers() { says.note(fresh(reason::all_containers_ready)); }

  announcers says{{503, 404}, 30s};
};

TEST_F(Announcers, SpeakOfTheTarget) {
  EXPECT_TRUE(has(says.note(fresh(reason::container_not_ready)), "answers 503: "));
  EXPECT_FALSE(says.note(fresh(reason::container_not_ready)));
}

TEST_F(Announcers, SpeakOfAContainerThatIsNotReadyAndOfItsReturnOnceEach) {
  says.note(fresh(reason::all_containers_ready));
  EXPECT_FALSE(says.note(of_container("game", reason::container_ready))) << "as it should be";
  const auto bad = says.note(of_container("game", reason::container_not_ready));
  EXPECT_TRUE(has(bad, "answers 503 for the container game: "));
  EXPECT_FALSE(bad->good);
  EXPECT_FALSE(says.note(of_container("game", reason::container_not_ready)));
  const auto good = says.note(of_container("game", reason::container_ready));
  EXPECT_TRUE(has(good, "answers 200 for the container game: "));
  EXPECT_TRUE(good->good);
}

TEST_F(Announcers, SpeakOfAContainerThatIsUnreadyFromTheStart) {
  EXPECT_TRUE(says.note(of_container("game", reason::container_status_unknown)));
  EXPECT_TRUE(says.note(of_container("setup", reason::target_is_init_container)));
  EXPECT_TRUE(says.note(of_container("game", reason::container_not_ready)));
}

TEST_F(Announcers, DoNotRepeatOfAContainerWhatTheTargetSaidJustNow) {
  says.note(fresh(reason::container_not_ready));
  EXPECT_FALSE(says.note(of_container("game", reason::container_not_ready, true)));
  EXPECT_TRUE(says.note(of_container("other", reason::container_not_ready, false)));
  says.note(fresh(reason::container_not_ready));
  EXPECT_TRUE(says.note(of_container("web", reason::container_not_ready, true))) << "the target said nothing now";
}

TEST_F(Announcers, LeaveWhatConcernsTheWholePodToTheTarget) {
  for (const auto why : {reason::pod_terminating, reason::pod_terminating_unready, reason::pod_failed,
                         reason::pod_not_found, reason::pod_replaced, reason::node_lost}) {
    EXPECT_FALSE(says.note(of_container("game", why))) << name(why);
  }
}

}  // namespace
}  // namespace sidecar::app
