#include "sidecar/kube/list_head.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace sidecar::kube {
namespace {

std::string head_of(const std::string& members, listed_kind wanted = listed_kind::pods) {
  const auto head = read_list_head(json::read_tree("{" + members + R"(,"items":[]})"), wanted);
  return head ? head->version + ' ' + head->next : head.error().detail;
}

TEST(ListHead, HasItsVersionAndTheNextPage) {
  const std::string pods = R"("kind":"PodList","apiVersion":"v1",)";
  EXPECT_EQ(head_of(pods + R"("metadata":{"resourceVersion":"7"})"), "7 ");
  EXPECT_EQ(head_of(pods + R"("metadata":{"continue":"x","resourceVersion":"7"})"), "7 x");
  EXPECT_EQ(head_of(R"("kind":"NodeList","apiVersion":"v1","metadata":{"resourceVersion":"7"})", listed_kind::nodes),
            "7 ");
}

TEST(ListHead, IsThatOfTheListThatIsWanted) {
  const std::string version = R"("metadata":{"resourceVersion":"7"})";
  for (const auto* members :
       {R"("kind":"NodeList","apiVersion":"v1",)", R"("kind":"PodList","apiVersion":"v2",)", R"("kind":"PodList",)",
        R"("kind":1,"apiVersion":"v1",)", R"("kind":["PodList"],"apiVersion":"v1",)"}) {
    EXPECT_EQ(head_of(members + version), "the response is no list of pods") << members;
  }
  const auto not_json = read_list_head(json::read_tree("{"));
  EXPECT_EQ(not_json.error().detail,
            "the response is no list of pods: " + make_error_code(errc::json_invalid).message());
  EXPECT_FALSE(read_list_head(json::read_tree("[]")));
}

TEST(ListHead, HasAVersionOfItsOwn) {
  const std::string pods = R"("kind":"PodList","apiVersion":"v1",)";
  for (const auto* members :
       {R"("resourceVersion":"7")", R"("metadata":{"resourceVersion":7})", R"("metadata":[{"resourceVersion":"7"}])",
        R"("metadata":{"x":{"resourceVersion":"7"}})"}) {
    EXPECT_EQ(head_of(pods + members), "a list of pods without a resourceVersion") << members;
  }
}

TEST(ListHead, RefusesARepeatedNameOnWhatIsRead) {
  const std::string pods = R"("kind":"PodList","apiVersion":"v1",)";
  for (const auto& members : {pods + R"("kind":"PodList","metadata":{"resourceVersion":"7"})",
                              pods + R"("apiVersion":"v1","metadata":{"resourceVersion":"7"})",
                              pods + R"("metadata":{"resourceVersion":"7"},"metadata":null)",
                              pods + R"("metadata":{"resourceVersion":"7","resourceVersion":"7"})",
                              pods + R"("metadata":{"resourceVersion":"7","continue":"","continue":1})"}) {
    EXPECT_EQ(head_of(members),
              "the response is no list of pods: " + make_error_code(errc::json_duplicate_key).message())
        << members;
  }
  EXPECT_EQ(head_of(pods + R"("x":1,"x":2,"metadata":{"x":1,"x":2,"resourceVersion":"7"})"), "7 ");
}

std::string items_of(const std::string& document) {
  const auto list = json::read_tree(document);
  const auto items = read_items(*list);
  return items ? std::to_string(items->size()) : items.error().message();
}

TEST(ListItems, AreAnArrayOfObjects) {
  EXPECT_EQ(items_of(R"({"items":[]})"), "0");
  EXPECT_EQ(items_of(R"({"items":[{},{"a":[1]}]})"), "2");
  const auto wrong_type = make_error_code(errc::json_wrong_type).message();
  for (const auto* document :
       {"{}", "[]", R"("items")", R"([{"items":[]}])", R"({"a":{"items":[]}})", R"({"items":null})", R"({"items":{}})",
        R"({"items":""})", R"({"items":7})", R"({"items":[null]})", R"({"items":[[]]})", R"({"items":[{},7]})"}) {
    EXPECT_EQ(items_of(document), wrong_type) << document;
  }
  EXPECT_EQ(items_of(R"({"items":[],"items":[]})"), make_error_code(errc::json_duplicate_key).message());
}

TEST(ListItems, StandAloneIfNoOtherMemberIsAnArray) {
  const std::pair<const char*, bool> rows[] = {{R"({"items":[{}]})", true},
                                               {R"({"metadata":{"x":[{}]},"items":[{}],"y":{"z":[]}})", true},
                                               {R"({"items":[{}],"pods":[{}]})", false},
                                               {R"({"pods":[],"items":[]})", false},
                                               {R"({"items":[],"items":[]})", false},
                                               {R"({"items":[1]})", false},
                                               {R"({"pods":[]})", false},
                                               {R"([{"items":[]}])", false}};
  for (const auto& [document, is_alone] : rows) {
    EXPECT_EQ(has_items_alone(*json::read_tree(document)), is_alone) << document;
  }
}

}  // namespace
}  // namespace sidecar::kube
