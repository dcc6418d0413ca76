#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "sidecar/kube/classify.hpp"
#include "support/recording.hpp"

namespace sidecar::kube {
namespace {

using test::recorded_body;

outcome<pod_list> read_list(std::string body, const pod_name& pod = {"demo", "game-0"}) {
  api_response response;
  response.status = 200;
  response.body = std::move(body);
  return classify_list(response, pod);
}

std::string list(const std::string& items, const std::string& metadata = R"({"resourceVersion":"243"})") {
  return R"({"kind":"PodList","apiVersion":"v1","metadata":)" + metadata + R"(,"items":)" + items + "}";
}

TEST(ClassifyList, ReadsWhatAnApiServerSaysOfOnePod) {
  const auto found = read_list(recorded_body("list-one-pod"));
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ(found->resource_version, "243");
  const auto& pod = std::get<health::pod>(found->pod);
  EXPECT_EQ(pod.resource_version, "234") << "the pod's own";
  EXPECT_FALSE(pod.statuses.empty());
}

TEST(ClassifyList, ReadsWhatAnApiServerSaysOfAPodThatIsAbsent) {
  const auto found = read_list(recorded_body("list-absent-pod"), {"demo", "gone-0"});
  ASSERT_TRUE(found) << found.error().detail;
  EXPECT_EQ(found->resource_version, "222");
  EXPECT_EQ(std::get<health::absent_pod>(found->pod).resource_version, "222");
}

TEST(ClassifyList, RefusesWhatIsNoListOfThatPod) {
  const std::string item = R"({"metadata":{"name":"game-0","namespace":"demo","resourceVersion":"234"}})";
  const std::string version = R"("metadata":{"resourceVersion":"1"})";
  const std::pair<const char*, std::string> rows[] = {
      {"another pod", list(R"([{"metadata":{"name":"game-1","namespace":"demo"}}])")},
      {"another namespace", list(R"([{"metadata":{"name":"game-0","namespace":"other"}}])")},
      {"an item without a name", list("[{}]")},
      {"two items", list("[" + item + "," + item + "]")},
      {"no items", R"({"kind":"PodList","apiVersion":"v1",)" + version + "}"},
      {"items null", list("null")},
      {"items an object", list("{}")},
      {"an item null", list("[null]")},
      {"an item a list", list("[[]]")},
      {"an item a text", list(R"(["game-0"])")},
      {"an item of another kind", list(R"([{"kind":"Status","metadata":{"name":"game-0","namespace":"demo"}}])")},
      {"an item whose name is there twice",
       list(R"([{"metadata":{"name":"game-0","name":"game-0","namespace":"demo"}}])")},
      {"a list in a list", "[" + list("[]") + "]"},
      {"no version", list("[]", "{}")},
      {"version 0", list("[]", R"({"resourceVersion":"0"})")},
      {"version of text", list("[]", R"({"resourceVersion":"a&watch=1"})")},
      {"a page", list("[]", R"({"resourceVersion":"1","continue":"x"})")},
      {"a page of one", list("[" + item + "]", R"({"resourceVersion":"1","continue":"x"})")},
      {"another kind", R"({"kind":"NodeList","apiVersion":"v1","items":[],)" + version + "}"},
      {"another version of the API", R"({"kind":"PodList","apiVersion":"v2","items":[],)" + version + "}"},
      {"a Status", recorded_body("list-forbidden-403")},
      {"a pod", recorded_body("pod-ready")},
      {"a cut list", list("[]").substr(0, 60)},
      {"more than a list", list("[]") + " x"},
      {"nothing", ""},
      {"kind twice", R"({"kind":"PodList","kind":"PodList","apiVersion":"v1","items":[],)" + version + "}"},
      {"items twice", R"({"kind":"PodList","apiVersion":"v1","items":[],"items":[],)" + version + "}"}};
  for (const auto& [name, json] : rows) {
    SCOPED_TRACE(name);
    const auto read = read_list(json);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().why, health::reason::api_protocol);
    EXPECT_NE(read.error().detail, "");
  }
}

TEST(ClassifyList, ReadsNothingOfAResponseThatIsNoWhole200) {
  api_response response;
  response.status = 200;
  response.body = list("[]");
  ASSERT_TRUE(classify_list(response, {"demo", "game-0"}));
  auto compressed = response, cut = response, excessive = response, busy = response, missing = response;
  compressed.content_encoding = "identity,gzip";
  cut.is_cut = true;
  excessive.excess = body_excess{};
  busy.status = 429;
  missing.status = 404;
  for (const auto& [one, why] : {std::pair{compressed, health::reason::api_protocol},
                                 {cut, health::reason::api_protocol},
                                 {excessive, health::reason::api_protocol},
                                 {busy, health::reason::api_busy},
                                 {missing, health::reason::api_protocol}}) {
    EXPECT_EQ(failure_reason(classify_list(one, {"demo", "game-0"})), why);
  }
}

}  // namespace
}  // namespace sidecar::kube
