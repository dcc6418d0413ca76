#include "sidecar/kube/pod_list.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "support/recording.hpp"

namespace sidecar::kube {
namespace {

using test::recorded_body;

const pod_name game{"demo", "game-0"};

std::string list(const std::string& items, const std::string& metadata = R"({"resourceVersion":"243"})") {
  return R"({"kind":"PodList","apiVersion":"v1","metadata":)" + metadata + R"(,"items":)" + items + "}";
}
constexpr const char* item = R"({"metadata":{"name":"game-0","namespace":"demo","resourceVersion":"234"}})";

TEST(ReadPodList, ReadsWhatAnApiServerSaysOfOnePod) {
  const auto read = read_pod_list(recorded_body("list-one-pod"), game);
  const auto* found = std::get_if<pod_list>(&read);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->resource_version, "243");
  const auto& pod = std::get<health::pod>(found->pod);
  EXPECT_EQ(pod.resource_version, "234") << "the pod's own";
  EXPECT_FALSE(pod.statuses.empty());
}

TEST(ReadPodList, ReadsWhatAnApiServerSaysOfAPodThatIsAbsent) {
  const auto read = read_pod_list(recorded_body("list-absent-pod"), {"demo", "gone-0"});
  const auto* found = std::get_if<pod_list>(&read);
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->resource_version, "222");
  EXPECT_EQ(std::get<health::absent_pod>(found->pod).resource_version, "222");
}

struct row {
  std::string name;
  std::string json;
};
void PrintTo(const row& one, std::ostream* out) { *out << one.name; }

class ReadPodListRefuses : public testing::TestWithParam<row> {};

TEST_P(ReadPodListRefuses, WhatIsNoListOfThatPod) {
  const auto read = read_pod_list(GetParam().json, game);
  const auto* failed = std::get_if<failure>(&read);
  ASSERT_NE(failed, nullptr);
  EXPECT_EQ(failed->why, health::reason::api_protocol);
  EXPECT_NE(failed->detail, "");
}

INSTANTIATE_TEST_SUITE_P(
    All, ReadPodListRefuses,
    testing::Values(
        row{"another pod", list(R"([{"metadata":{"name":"game-1","namespace":"demo"}}])")},
        row{"another namespace", list(R"([{"metadata":{"name":"game-0","namespace":"other"}}])")},
        row{"an item without a name", list("[{}]")}, row{"two items", list(std::string{"["} + item + "," + item + "]")},
        row{"no items", R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1"}})"},
        row{"items null", list("null")}, row{"items an object", list("{}")}, row{"an item null", list("[null]")},
        row{"no version", list("[]", "{}")}, row{"version 0", list("[]", R"({"resourceVersion":"0"})")},
        row{"version of text", list("[]", R"({"resourceVersion":"a&watch=1"})")},
        row{"a page", list("[]", R"({"resourceVersion":"1","continue":"x"})")},
        row{"a page of one", list(std::string{"["} + item + "]", R"({"resourceVersion":"1","continue":"x"})")},
        row{"another kind", R"({"kind":"NodeList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[]})"},
        row{"another version of the API",
            R"({"kind":"PodList","apiVersion":"v2","metadata":{"resourceVersion":"1"},"items":[]})"},
        row{"a Status", recorded_body("list-forbidden-403")}, row{"a pod", recorded_body("pod-ready")},
        row{"a cut list", list("[]").substr(0, 60)}, row{"nothing", ""},
        row{"kind twice", R"({"kind":"PodList","kind":"PodList","apiVersion":"v1",)"
                          R"("metadata":{"resourceVersion":"1"},"items":[]})"},
        row{"items twice", R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1"},)"
                           R"("items":[],"items":[]})"}));

}  // namespace
}  // namespace sidecar::kube
