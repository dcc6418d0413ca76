#include "sidecar/pod/transition_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sidecar::pod {
namespace {

using health::reason;
using testing::ElementsAre;

/// "Game0" to "Game19".
evaluated_snapshot snapshot_of(bool ready, std::vector<std::string> target = {}) {
  health::pod pod;
  for (int i = 0; i < 20; ++i) {
    const auto name = "Game" + std::to_string(i);
    pod.containers.push_back({name});
    pod.statuses.push_back({name, ready});
  }
  return {{pod, {}}, {.containers = std::move(target)}, verdict_of(reason::container_not_ready)};
}

class TransitionReport : public testing::Test {
 protected:
  /// The containers reported since the last call.
  std::vector<std::string> reported() {
    std::vector<std::string> names;
    for (const auto& one : std::exchange(logged, {})) {
      if (one.container.empty()) continue;
      names.push_back(one.container + ' ' + std::string{name(one.cause)} + (one.in_target ? "" : ", apart"));
    }
    return names;
  }

  std::vector<journal::transition> logged;
  transition_report report{[this](const journal::transition& now) { logged.push_back(now); }};
};

TEST_F(TransitionReport, ContainersOfThePodAreReportedWithEachSnapshotAsThePodSpellsThem) {
  report.note_snapshot(snapshot_of(false), true, {"game1", "", "GAME1"});
  EXPECT_EQ(logged.front().container, "") << "the configured target comes first";
  EXPECT_EQ(logged.back().detail, "containers: Game1 (not ready)");
  EXPECT_THAT(reported(), ElementsAre("Game1 ContainerNotReady"));
  report.note_snapshot(snapshot_of(true), true);
  EXPECT_THAT(reported(), ElementsAre("Game1 ContainerReady"));
}

TEST_F(TransitionReport, AQueryThatTheCacheAnswersNamesAContainerOnce) {
  report.note_container(snapshot_of(true), "game1");
  report.note_container(snapshot_of(true), "Game1");
  EXPECT_THAT(reported(), ElementsAre("Game1 ContainerReady"));
}

TEST_F(TransitionReport, SaysWhetherTheTargetIncludesAContainer) {
  report.note_snapshot(snapshot_of(true, {"GAME1"}), true, {"game1", "game2"});
  EXPECT_THAT(reported(), ElementsAre("Game1 ContainerReady", "Game2 ContainerReady, apart"));
}

TEST_F(TransitionReport, ANameThatThePodDoesNotHaveIsReportedOnceAndCut) {
  const std::string invented(100, 'x');
  for (int i = 0; i < 2; ++i) report.note_snapshot(snapshot_of(true), true, {invented});
  report.note_container(snapshot_of(true), invented);
  EXPECT_THAT(reported(), ElementsAre(std::string(64, 'x') + " NoSuchContainer, apart"));
}

TEST_F(TransitionReport, ADrainIsReportedWithItsBeginAndEachChange) {
  for (const auto why : {reason::draining, reason::draining, reason::draining_unready, reason::draining_unready}) {
    report.note_drain(verdict_of(why), {});
  }
  ASSERT_EQ(logged.size(), 2U);
  EXPECT_EQ(logged[0].cause, reason::draining);
  EXPECT_EQ(logged[1].cause, reason::draining_unready);
}

TEST_F(TransitionReport, NamesAreReportedOfNoPodAndOfNoMoreThanSixteenOfEachSort) {
  report.note_snapshot({{health::absent_pod{}, {}}, {}, verdict_of(reason::pod_not_found)}, true, {"game1"});
  EXPECT_THAT(reported(), ElementsAre());
  for (int i = 0; i < 20; ++i) {
    for (const auto* name : {"game", "other"}) {
      report.note_container(snapshot_of(true), name + std::to_string(i));
      EXPECT_EQ(reported().size(), i < 16 ? 1U : 0U) << name << i;
    }
  }
}

}  // namespace
}  // namespace sidecar::pod
