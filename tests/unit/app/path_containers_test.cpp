#include "sidecar/app/path_containers.hpp"

#include <gtest/gtest.h>

namespace sidecar::app {
namespace {

health::pod_state pod_of(int containers) {
  health::pod made;
  for (int i = 0; i < containers; ++i) made.containers.push_back({"Game" + std::to_string(i)});
  return made;
}

TEST(PathContainers, NamesAContainerOnceAsThePodSpellsIt) {
  path_containers named;
  EXPECT_EQ(named.note(pod_of(1), "game0"), "Game0");
  EXPECT_EQ(named.note(pod_of(1), "GAME0"), std::nullopt);
  EXPECT_EQ(named.known(), (std::vector<std::string>{"Game0"}));
}

TEST(PathContainers, NamesOnceWhatThePodDoesNotHave) {
  path_containers named;
  EXPECT_FALSE(named.is_known(pod_of(1), "gmae"));
  EXPECT_EQ(named.note(pod_of(1), "gmae"), "gmae");
  EXPECT_TRUE(named.is_known(pod_of(1), "gmae"));
  EXPECT_EQ(named.note(pod_of(1), "gmae"), std::nullopt);
  EXPECT_TRUE(named.known().empty());
}

TEST(PathContainers, NamesNothingWhileThereIsNoPod) {
  path_containers named;
  EXPECT_EQ(named.note(health::absent_pod{}, "game"), std::nullopt);
  EXPECT_EQ(named.note(pod_of(1), "game0"), "Game0");
}

TEST(PathContainers, NamesNoMoreThanSixteenOfEachSort) {
  path_containers named;
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(named.note(pod_of(20), "game" + std::to_string(i)).has_value(), i < 16);
    EXPECT_EQ(named.note(pod_of(20), "other" + std::to_string(i)).has_value(), i < 16);
  }
}

TEST(PathContainers, RepeatsNoMoreOfAnInventedNameThanAContainersNameMayHave) {
  path_containers named;
  EXPECT_EQ(named.note(pod_of(1), std::string(100, 'x')), std::string(64, 'x'));
}

}  // namespace
}  // namespace sidecar::app
