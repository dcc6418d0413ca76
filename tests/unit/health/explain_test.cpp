#include "sidecar/health/explain.hpp"

#include <gtest/gtest.h>

#include "asked.hpp"

namespace sidecar::health {
namespace {

const std::string game_only = "containers: game (not ready)";

pod two_containers_and_a_sidecar() {
  pod subject;
  subject.uid = "uid-2";
  subject.containers = {{"setup", container::kind::init},
                        {"proxy", container::kind::native_sidecar},
                        {"game", container::kind::regular},
                        {"health", container::kind::regular}};
  subject.statuses = {{"game", false}, {"health", true}};
  return subject;
}

std::string explained(const pod& subject, reason why, const target& wanted = {}) {
  return explain(pod_state{subject}, wanted, verdict_of(why));
}

TEST(Explain, NamesTheContainersThatAreNotReadyOrHaveNoStatus) {
  const auto both = "containers: proxy (no status), game (not ready)";
  const auto subject = two_containers_and_a_sidecar();
  EXPECT_EQ(explained(subject, reason::container_not_ready), both);
  EXPECT_EQ(explained(subject, reason::container_not_ready, asked_for_all({"GAME", "health"})), game_only);
  EXPECT_EQ(explained(subject, reason::container_not_ready, asked_for_all({"health", "game", "proxy"})), both);
  auto twice = subject;
  twice.statuses = {{"game", true}, {"game", false}};
  EXPECT_EQ(explained(twice, reason::container_not_ready, asked("game")), game_only);
  auto sidecar_ready = subject;
  sidecar_ready.init_statuses = {{"proxy", true}};
  EXPECT_EQ(explained(sidecar_ready, reason::container_not_ready), game_only);
}

TEST(Explain, SaysWhichNamesThereAreInsteadOfThoseAskedFor) {
  const auto subject = two_containers_and_a_sidecar();
  EXPECT_EQ(explained(subject, reason::no_such_container, asked_for_all({"game", "gmae", "haelth"})),
            "wanted gmae, haelth, the pod has proxy, game, health");
}

TEST(Explain, NamesTheContainersThatCanNeverBeReady) {
  auto subject = two_containers_and_a_sidecar();
  subject.containers.push_back({"debug", container::kind::ephemeral});
  const auto all = asked_for_all({"game", "Setup", "debug"});
  EXPECT_EQ(explained(subject, reason::target_is_init_container, all), "containers: setup");
  EXPECT_EQ(explained(subject, reason::target_is_ephemeral, all), "containers: debug");
}

TEST(Explain, SaysWhyThePodIsNotReadyAndWhichContainersAreNot) {
  auto subject = two_containers_and_a_sidecar();
  subject.init_statuses = {{"proxy", true}};
  subject.unready_reason = "ContainersNotReady";
  for (const auto why : {reason::pod_not_ready, reason::pod_terminating_unready})
    EXPECT_EQ(explained(subject, why, asked_for_the_pod()), "condition Ready: ContainersNotReady; " + game_only);
  EXPECT_EQ(explained(subject, reason::pod_terminating_unready, asked("game")), game_only);
  subject.statuses = {{"game", true}, {"health", true}};
  subject.unready_reason = "ReadinessGatesNotReady";
  EXPECT_EQ(explained(subject, reason::pod_not_ready, asked_for_the_pod()), "condition Ready: ReadinessGatesNotReady");
  subject.unready_reason = "";
  EXPECT_EQ(explained(subject, reason::pod_not_ready, asked_for_the_pod()), "");
}

TEST(Explain, SaysWhichPodTheTokenBelongsTo) {
  EXPECT_EQ(explained(two_containers_and_a_sidecar(), reason::pod_replaced, target{.bound_uid = "uid-1"}),
            "the token is bound to uid uid-1, the pod has uid-2");
}

TEST(Explain, IsSilentWhereTheReasonSaysItAll) {
  EXPECT_EQ(explained(two_containers_and_a_sidecar(), reason::all_containers_ready), "");
  EXPECT_EQ(explained(two_containers_and_a_sidecar(), reason::pod_terminating), "");
  EXPECT_EQ(explain(pod_state{absent_pod{}}, {}, verdict_of(reason::pod_not_found)), "");
}

}  // namespace
}  // namespace sidecar::health
