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
  transition_log log({500, 500}, 30s);
  const auto first = log.note(fresh(reason::all_containers_ready));
  ASSERT_TRUE(first);
  EXPECT_TRUE(first->is_good);
  EXPECT_TRUE(has(first, "200"));
}

TEST(TransitionLog, IsSilentWhileNothingChanges) {
  transition_log log({500, 500}, 30s);
  log.note(fresh(reason::container_not_ready));
  EXPECT_FALSE(log.note(fresh(reason::container_not_ready)));
}

TEST(TransitionLog, NamesTheConfiguredStatus) {
  transition_log log({503, 503}, 30s);
  const auto bad = log.note(fresh(reason::container_not_ready));
  ASSERT_TRUE(bad);
  EXPECT_FALSE(bad->is_good);
  EXPECT_TRUE(has(bad, "503"));
}

TEST(TransitionLog, NamesTheStatusOfADrain) {
  transition_log log({503, 404}, 30s);
  EXPECT_TRUE(has(log.note(fresh(reason::pod_terminating)), "answering 404: "));
  EXPECT_TRUE(has(log.note(fresh(reason::pod_terminating_unready)), "answering 503: "));
}

TEST(TransitionLog, SaysWhatIsHeldWhyAndForHowLong) {
  transition_log log({500, 500}, 30s);
  log.note(fresh(reason::all_containers_ready));
  const auto held_now = log.note(held(reason::all_containers_ready, reason::api_unreachable));
  ASSERT_TRUE(held_now);
  EXPECT_FALSE(held_now->is_good) << "an outage is a warning even while answers are 200";
  for (const auto text : {std::string_view{"200"}, health::name(reason::all_containers_ready),
                          std::string_view{"for up to 30s"}, health::meaning(reason::api_unreachable)}) {
    EXPECT_TRUE(has(held_now, text)) << text;
  }
}

TEST(TransitionLog, WritesTheGraceAsItsOptionIsWritten) {
  transition_log log({500, 500}, 1500ms);
  EXPECT_TRUE(has(log.note(held(reason::all_containers_ready, reason::api_unreachable)), "for up to 1s500ms"));
}

TEST(TransitionLog, LogsASnapshotThatChangedDuringAHold) {
  transition_log log({500, 500}, 30s);
  log.note(held(reason::all_containers_ready, reason::api_timeout));
  const auto worse = log.note(held(reason::container_not_ready, reason::api_timeout));
  EXPECT_TRUE(has(worse, "500"));
  EXPECT_TRUE(has(worse, "ContainerNotReady"));
}

TEST(TransitionLog, LogsTheEndOfAHoldAndTheNextSnapshot) {
  transition_log log({500, 500}, 30s);
  log.note(held(reason::all_containers_ready, reason::api_timeout));
  EXPECT_TRUE(log.note(fresh(reason::api_timeout)));
  EXPECT_TRUE(log.note(fresh(reason::all_containers_ready)));
}

TEST(TransitionLog, RefreshDoesNotEndAHoldThatClientsStillSee) {
  transition_log log({500, 500}, 30s);
  log.note(held(reason::all_containers_ready, reason::api_timeout));
  EXPECT_FALSE(log.note(of_a_refresh(fresh(reason::all_containers_ready))));
  EXPECT_FALSE(log.note(held(reason::all_containers_ready, reason::api_timeout)));
  EXPECT_TRUE(log.note(fresh(reason::all_containers_ready)));
}

TEST(TransitionLog, RefreshThatFindsAnotherVerdictIsLogged) {
  transition_log log({500, 500}, 30s);
  log.note(fresh(reason::all_containers_ready));
  EXPECT_TRUE(log.note(of_a_refresh(fresh(reason::container_not_ready))));
}

TEST(TransitionLog, DoesNotRepeatAHoldWhoseCauseWavers) {
  transition_log log({500, 500}, 30s);
  log.note(held(reason::all_containers_ready, reason::api_timeout));
  EXPECT_FALSE(log.note(held(reason::all_containers_ready, reason::api_unreachable)));
}

TEST(TransitionLog, CauseThatNeedsAnOperatorIsLoggedOnceInAHold) {
  transition_log log({500, 500}, 30s);
  log.note(held(reason::all_containers_ready, reason::api_unreachable));
  EXPECT_TRUE(has(log.note(held(reason::all_containers_ready, reason::api_forbidden)), "Role"));
  log.note(held(reason::all_containers_ready, reason::api_unreachable));
  EXPECT_FALSE(log.note(held(reason::all_containers_ready, reason::api_forbidden)));
}

TEST(TransitionLog, SaysWhatToDoAboutAMissingRole) {
  transition_log log({500, 500}, 30s);
  EXPECT_TRUE(has(log.note(fresh(reason::api_forbidden)), "Role"));
}

transition of_container(std::string name, reason why, bool in_target = false) {
  return {.given = {verdict_of(why)}, .cause = why, .container = std::move(name), .in_target = in_target};
}

class TransitionsOfContainers : public testing::Test {
 protected:
  TransitionsOfContainers() { log.note(fresh(reason::all_containers_ready)); }

  transition_log log{{503, 404}, 30s};
};

TEST_F(TransitionsOfContainers, LogTheTarget) {
  EXPECT_TRUE(has(log.note(fresh(reason::container_not_ready)), "answering 503: "));
  EXPECT_FALSE(log.note(fresh(reason::container_not_ready)));
}

TEST_F(TransitionsOfContainers, LogOnceThatAContainerIsNotReadyAndThatItIsAgain) {
  log.note(fresh(reason::all_containers_ready));
  EXPECT_FALSE(log.note(of_container("game", reason::container_ready))) << "as it should be";
  const auto bad = log.note(of_container("game", reason::container_not_ready));
  EXPECT_TRUE(has(bad, "answering 503 for container game: "));
  EXPECT_FALSE(bad->is_good);
  EXPECT_FALSE(log.note(of_container("game", reason::container_not_ready)));
  const auto good = log.note(of_container("game", reason::container_ready));
  EXPECT_TRUE(has(good, "answering 200 for container game: "));
  EXPECT_TRUE(good->is_good);
}

TEST_F(TransitionsOfContainers, LogAContainerThatIsUnreadyFromTheStart) {
  EXPECT_TRUE(log.note(of_container("game", reason::container_status_unknown)));
  EXPECT_TRUE(log.note(of_container("setup", reason::target_is_init_container)));
  EXPECT_TRUE(log.note(of_container("game", reason::container_not_ready)));
}

TEST_F(TransitionsOfContainers, DoNotRepeatWhatTheTargetsLineHasJustSaid) {
  log.note(fresh(reason::container_not_ready));
  EXPECT_FALSE(log.note(of_container("game", reason::container_not_ready, true)));
  EXPECT_TRUE(log.note(of_container("other", reason::container_not_ready, false)));
  log.note(fresh(reason::container_not_ready));
  EXPECT_TRUE(log.note(of_container("web", reason::container_not_ready, true))) << "the target said nothing now";
}

TEST_F(TransitionsOfContainers, LeaveWhatConcernsTheWholePodToTheTarget) {
  for (const auto why : {reason::pod_terminating, reason::pod_terminating_unready, reason::pod_failed,
                         reason::pod_not_found, reason::pod_replaced, reason::node_lost}) {
    EXPECT_FALSE(log.note(of_container("game", why))) << name(why);
  }
}

}  // namespace
}  // namespace sidecar::app
