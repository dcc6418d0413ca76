#include "sidecar/kube/resource_version.hpp"

#include <gtest/gtest.h>

#include <string>
#include <tuple>

namespace sidecar::kube {
namespace {

TEST(IsResourceVersion, TakesPositiveNumbers) {
  for (const auto* text : {"1", "234", "10", "9007199254740993", "18446744073709551615"}) {
    EXPECT_TRUE(is_resource_version(text)) << text;
  }
}

TEST(IsResourceVersion, RefusesWhatWouldMeanSomethingElseInATarget) {
  for (const auto* text : {"", "0", "007", "-1", "+1", "1.0", "1e3", "0x1", "abc", " 1", "1 ", "1&watch=false",
                           "1 HTTP/1.1\r\nX: y", "1\n", "1%26", "\xd9\xa1", "184467440737095516150"}) {
    EXPECT_FALSE(is_resource_version(text)) << text;
  }
  EXPECT_FALSE(is_resource_version(std::string_view("1\0", 2)));
}

TEST(CompareVersions, OrdersDecimalOnesAsNumbersAndKnowsOfOthersOnlyWhetherTheyAreEqual) {
  using enum version_order;
  const std::tuple<const char*, const char*, version_order> rows[] = {
      {"100", "99", newer},
      {"99", "100", older},
      {"101", "100", newer},
      {"100", "100", same},
      {"5", "0", unknown},
      {"", "", unknown},
      {"abc", "abc", same},
      {"abc", "abd", unknown},
      {"abc", "0", unknown},
      {"abc", "", unknown},
      {"abc", "007", unknown},
      {"abc", "100", unknown},
      {"100", "abc", unknown},
      {"", "abc", unknown},
      {"0", "abc", unknown},
      {"007", "abc", unknown},
      {"18446744073709551615", "9007199254740993", newer}};
  for (const auto& [first, second, order] : rows) EXPECT_EQ(compare_versions(first, second), order) << first << second;
}

TEST(CompareStates, KnowsThatNoVersionIsBothOfAPodAndOfItsAbsence) {
  health::pod pod;
  pod.resource_version = "5";
  EXPECT_EQ(compare_states(pod, health::absent_pod{"4"}), version_order::newer);
  EXPECT_EQ(compare_states(pod, health::absent_pod{"5"}), version_order::unknown);
  EXPECT_EQ(compare_states(pod, pod), version_order::same);
  EXPECT_FALSE(is_same_state(pod, health::absent_pod{"5"}));
  EXPECT_TRUE(is_same_state(pod, pod));
  EXPECT_TRUE(is_same_state(health::absent_pod{"5"}, health::absent_pod{"9"}));
  EXPECT_FALSE(is_same_state(health::pod{}, health::pod{})) << "without a version";
}

}  // namespace
}  // namespace sidecar::kube
