#include "sidecar/app/transition_log.hpp"

#include <gtest/gtest.h>

namespace sidecar::app {
namespace {

using namespace std::chrono_literals;
using health::answer;
using health::reason;

transition fresh(reason why) { return {.given = {verdict_of(why)}, .cause = why}; }
transition held(reason last_state, reason cause) { return {.given = {verdict_of(last_state), 3s}, .cause = cause}; }

transition of_a_refresh(transition one) {
  one.has_query = false;
  return one;
}

bool has(const std::optional<log_line>& said, std::string_view text) {
  return said && said->message.find(text) != std::string::npos;
}

TEST(TransitionLog, LogsTheFirstVerdict) {
  transition_log lines({500, 500}, 30s);
  const auto first = lines.note(fresh(reason::all_containers_ready));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->level, log::level::info);
  EXPECT_TRUE(has(first, "200"));
}

TEST(TransitionLog, IsSilentWhileNothingChanges) {
  transition_log lines({500, 500}, 30s);
  lines.note(fresh(reason::container_not_ready));
  EXPECT_FALSE(lines.note(fresh(reason::container_not_ready)));
}

TEST(TransitionLog, NamesTheConfiguredStatus) {
  transition_log lines({503, 503}, 30s);
  const auto bad = lines.note(fresh(reason::container_not_ready));
  ASSERT_TRUE(bad);
  EXPECT_EQ(bad->level, log::level::warn);
  EXPECT_TRUE(has(bad, "503"));
}

TEST(TransitionLog, NamesTheStatusOfADrain) {
  transition_log lines({503, 404}, 30s);
  EXPECT_TRUE(has(lines.note(fresh(reason::pod_terminating)), "answering 404: "));
  EXPECT_TRUE(has(lines.note(fresh(reason::pod_terminating_unready)), "answering 503: "));
}

TEST(TransitionLog, SaysWhatIsHeldWhyAndForHowLong) {
  transition_log lines({500, 500}, 30s);
  lines.note(fresh(reason::all_containers_ready));
  const auto held_now = lines.note(held(reason::all_containers_ready, reason::api_unreachable));
  ASSERT_TRUE(held_now);
  EXPECT_EQ(held_now->level, log::level::warn) << "an outage is a warning even while answers are 200";
  for (const auto text : {std::string_view{"200"}, health::name(reason::all_containers_ready),
                          std::string_view{"until it is 30s old"}, health::meaning(reason::api_unreachable)}) {
    EXPECT_TRUE(has(held_now, text)) << text;
  }
}

TEST(TransitionLog, WritesTheGraceAsItsOptionIsWritten) {
  transition_log lines({500, 500}, 1500ms);
  EXPECT_TRUE(has(lines.note(held(reason::all_containers_ready, reason::api_unreachable)), "until it is 1s500ms old"));
}

TEST(TransitionLog, LogsASnapshotThatChangedDuringAHold) {
  transition_log lines({500, 500}, 30s);
  lines.note(held(reason::all_containers_ready, reason::api_timeout));
  const auto worse = lines.note(held(reason::container_not_ready, reason::api_timeout));
  EXPECT_TRUE(has(worse, "500"));
  EXPECT_TRUE(has(worse, "ContainerNotReady"));
}

TEST(TransitionLog, LogsTheEndOfAHoldAndTheNextSnapshot) {
  transition_log lines({500, 500}, 30s);
  lines.note(held(reason::all_containers_ready, reason::api_timeout));
  EXPECT_TRUE(lines.note(fresh(reason::api_timeout)));
  EXPECT_TRUE(lines.note(fresh(reason::all_containers_ready)));
}

TEST(TransitionLog, RefreshDoesNotEndAHoldThatClientsStillSee) {
  transition_log lines({500, 500}, 30s);
  lines.note(held(reason::all_containers_ready, reason::api_timeout));
  EXPECT_FALSE(lines.note(of_a_refresh(fresh(reason::all_containers_ready))));
  EXPECT_FALSE(lines.note(held(reason::all_containers_ready, reason::api_timeout)));
  EXPECT_TRUE(lines.note(fresh(reason::all_containers_ready)));
}

TEST(TransitionLog, RefreshThatFindsAnotherVerdictIsLogged) {
  transition_log lines({500, 500}, 30s);
  lines.note(fresh(reason::all_containers_ready));
  EXPECT_TRUE(lines.note(of_a_refresh(fresh(reason::container_not_ready))));
}

TEST(TransitionLog, DoesNotRepeatAHoldWhoseCauseWavers) {
  transition_log lines({500, 500}, 30s);
  lines.note(held(reason::all_containers_ready, reason::api_timeout));
  EXPECT_FALSE(lines.note(held(reason::all_containers_ready, reason::api_unreachable)));
}

TEST(TransitionLog, CauseThatNeedsAnOperatorIsLoggedOnceInAHold) {
  transition_log lines({500, 500}, 30s);
  lines.note(held(reason::all_containers_ready, reason::api_unreachable));
  EXPECT_TRUE(has(lines.note(held(reason::all_containers_ready, reason::api_forbidden)), "Role"));
  lines.note(held(reason::all_containers_ready, reason::api_unreachable));
  EXPECT_FALSE(lines.note(held(reason::all_containers_ready, reason::api_forbidden)));
}

TEST(TransitionLog, SaysWhatToDoAboutAMissingRole) {
  transition_log lines({500, 500}, 30s);
  EXPECT_TRUE(has(lines.note(fresh(reason::api_forbidden)), "Role"));
}

transition of_container(std::string name, reason why, bool in_target = false) {
  return {.given = {verdict_of(why)}, .cause = why, .container = std::move(name), .in_target = in_target};
}

class TransitionsOfContainers : public testing::Test {
 protected:
  TransitionsOfContainers() { lines.note(fresh(reason::all_containers_ready)); }

  transition_log lines{{503, 404}, 30s};
};

TEST_F(TransitionsOfContainers, LogTheTarget) {
  EXPECT_TRUE(has(lines.note(fresh(reason::container_not_ready)), "answering 503: "));
  EXPECT_FALSE(lines.note(fresh(reason::container_not_ready)));
}

TEST_F(TransitionsOfContainers, LogOnceThatAContainerIsNotReadyAndThatItIsAgain) {
  lines.note(fresh(reason::all_containers_ready));
  EXPECT_FALSE(lines.note(of_container("game", reason::container_ready))) << "as it should be";
  const auto bad = lines.note(of_container("game", reason::container_not_ready));
  EXPECT_TRUE(has(bad, "answering 503 for container game: "));
  EXPECT_EQ(bad->level, log::level::warn);
  EXPECT_FALSE(lines.note(of_container("game", reason::container_not_ready)));
  const auto good = lines.note(of_container("game", reason::container_ready));
  EXPECT_TRUE(has(good, "answering 200 for container game: "));
  EXPECT_EQ(good->level, log::level::info);
}

TEST_F(TransitionsOfContainers, LogAContainerThatIsUnreadyFromTheStart) {
  EXPECT_TRUE(lines.note(of_container("game", reason::container_status_unknown)));
  EXPECT_TRUE(lines.note(of_container("setup", reason::target_is_init_container)));
  EXPECT_TRUE(lines.note(of_container("game", reason::container_not_ready)));
}

TEST_F(TransitionsOfContainers, DoNotRepeatWhatTheTargetsLineHasJustSaid) {
  lines.note(fresh(reason::container_not_ready));
  EXPECT_FALSE(lines.note(of_container("game", reason::container_not_ready, true)));
  EXPECT_TRUE(lines.note(of_container("other", reason::container_not_ready, false)));
  lines.note(fresh(reason::container_not_ready));
  EXPECT_TRUE(lines.note(of_container("web", reason::container_not_ready, true))) << "the target said nothing now";
}

TEST_F(TransitionsOfContainers, LeaveWhatConcernsTheWholePodToTheTarget) {
  for (const auto why : {reason::pod_terminating, reason::pod_terminating_unready, reason::pod_failed,
                         reason::pod_not_found, reason::pod_replaced, reason::node_lost}) {
    EXPECT_FALSE(lines.note(of_container("game", why))) << name(why);
  }
}

}  // namespace
}  // namespace sidecar::app
