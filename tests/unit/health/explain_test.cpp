#include "sidecar/health/explain.hpp"

#include <gtest/gtest.h>

namespace sidecar::health {
namespace {

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
  return explain(pod_truth{subject}, wanted, verdict_of(why));
}

TEST(Explain, NamesTheContainersThatAreNotReadyOrHaveNoStatus) {
  EXPECT_EQ(explained(two_containers_and_a_sidecar(), reason::container_not_ready),
            "containers: proxy (no status), game (not ready)");
}

TEST(Explain, LooksForANativeSidecarInItsOwnList) {
  auto subject = two_containers_and_a_sidecar();
  subject.init_statuses = {{"proxy", true}};
  EXPECT_EQ(explained(subject, reason::container_not_ready), "containers: game (not ready)");
}

TEST(Explain, SaysWhichNamesThereAreInsteadOfTheOneAskedFor) {
  EXPECT_EQ(explained(two_containers_and_a_sidecar(), reason::no_such_container, {"gmae", ""}),
            "wanted gmae, the pod has proxy, game, health");
}

TEST(Explain, SaysWhichPodTheTokenBelongsTo) {
  EXPECT_EQ(explained(two_containers_and_a_sidecar(), reason::pod_replaced, {"", "uid-1"}),
            "the token is bound to uid uid-1, the pod has uid-2");
}

TEST(Explain, IsSilentWhereTheReasonSaysItAll) {
  EXPECT_EQ(explained(two_containers_and_a_sidecar(), reason::all_containers_ready), "");
  EXPECT_EQ(explained(two_containers_and_a_sidecar(), reason::pod_terminating), "");
  EXPECT_EQ(explain(pod_truth{no_pod{}}, {}, verdict_of(reason::pod_not_found)), "");
}

}  // namespace
}  // namespace sidecar::health
