// 400 random pods with the verdict that the kubelet's own code gave (tests/data/containers-ready.jsonl).

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "asked.hpp"
#include "sidecar/health/evaluate.hpp"
#include "sidecar/health/parse_pod.hpp"
#include "support/recording.hpp"

namespace sidecar::health {
namespace {

struct ruling {
  std::string pod;
  bool containers_ready;
  std::string kubelet_reason;
};

std::vector<ruling> kubelet_rulings() {
  std::vector<ruling> rulings;
  std::istringstream lines(test::test_data("containers-ready.jsonl"));
  for (std::string line; std::getline(lines, line);) {
    const auto row = nlohmann::json::parse(line);
    rulings.push_back(
        {row.at("pod").dump(), row.at("containersReady").get<bool>(), row.at("reason").get<std::string>()});
  }
  return rulings;
}

/// Which of our reasons may stand where the kubelet gives its own. The kubelet calls a status that is missing beside
/// others ContainersNotReady, and a terminal phase without statuses UnknownContainerStatuses.
bool means_the_same(const std::string& kubelet, reason ours) {
  static const std::multimap<std::string, reason> pairs{
      {"", reason::all_containers_ready},
      {"ContainersNotReady", reason::container_not_ready},
      {"ContainersNotReady", reason::container_status_unknown},
      {"ContainersNotReady", reason::pod_succeeded},
      {"UnknownContainerStatuses", reason::container_status_unknown},
      {"UnknownContainerStatuses", reason::pod_succeeded},
      {"UnknownContainerStatuses", reason::pod_failed},
      {"PodFailed", reason::pod_failed},
      {"PodCompleted", reason::pod_succeeded},
  };
  const auto [begin, end] = pairs.equal_range(kubelet);
  return std::any_of(begin, end, [&](const auto& pair) { return pair.second == ours; });
}

TEST(KubeletAgreement, EveryPodGetsTheKubeletsVerdict) {
  const auto rulings = kubelet_rulings();
  ASSERT_EQ(rulings.size(), 400u);
  for (std::size_t i = 0; i < rulings.size(); ++i) {
    SCOPED_TRACE("line " + std::to_string(i + 1));
    const auto subject = parse_pod(rulings[i].pod);
    ASSERT_TRUE(subject) << subject.error().message();
    const verdict ours = evaluate(*subject, {});
    EXPECT_EQ(ours.state == state::healthy, rulings[i].containers_ready) << name(ours.reason);
    EXPECT_TRUE(means_the_same(rulings[i].kubelet_reason, ours.reason))
        << rulings[i].kubelet_reason << ' ' << name(ours.reason);
  }
}

// Asked one by one, or as a list, the containers of a pod must add up to the answer for the pod.
TEST(KubeletAgreement, APodIsReadyWhenEachOfItsContainersIs) {
  for (const ruling& row : kubelet_rulings()) {
    const auto subject = parse_pod(row.pod);
    ASSERT_TRUE(subject);
    bool all_ready = true;
    std::vector<std::string> names;
    for (const container& one : subject->containers) {
      if (one.type == container::kind::init || one.type == container::kind::ephemeral) continue;
      all_ready &= evaluate(*subject, asked(one.name)).state == state::healthy;
      names.push_back(one.name);
    }
    EXPECT_EQ(evaluate(*subject, asked_for_all(names)).state == state::healthy, row.containers_ready) << row.pod;
    EXPECT_EQ(all_ready, row.containers_ready) << row.pod;
  }
}

}  // namespace
}  // namespace sidecar::health
