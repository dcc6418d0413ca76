#include "sidecar/kube/classify_node.hpp"

#include <gtest/gtest.h>

#include <string>

#include "support/recording.hpp"

namespace sidecar::kube {
namespace {

using health::reason;

const node_name wanted_node{"node-a"};

api_response recorded_node(const std::string& name) {
  response_parser parser;
  EXPECT_TRUE(parser.feed(test::test_data("recordings/" + name + ".http")));
  return parser.take();
}

api_response answered(unsigned status, std::string body) {
  api_response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

/// "node-a", "absent", or the failure's name.
std::string got(const api_response& response) {
  const auto meaning = classify_node(response, wanted_node);
  if (!meaning) return std::string{name(meaning.error().why)};
  const auto* one = std::get_if<health::node>(&*meaning);
  return one == nullptr ? "absent" : one->name;
}

std::string listed(const std::string& body, unsigned status = 200) {
  const auto meaning = classify_node_list(answered(status, body), wanted_node);
  if (!meaning) return std::string{name(meaning.error().why)};
  const auto& [state, version] = *meaning;
  const auto* one = std::get_if<health::node>(&state);
  return (one == nullptr ? "absent " : one->name + ' ') + version;
}

std::string not_found(const std::string& kind, const std::string& name) {
  return R"({"kind":"Status","status":"Failure","reason":"NotFound","details":{"name":")" + name + R"(","kind":")" +
         kind + R"("},"code":404})";
}

TEST(ClassifyNode, TakesTheNodeOrItsAbsence) {
  EXPECT_EQ(got(recorded_node("node-leaving")), "node-a");
  EXPECT_EQ(got(recorded_node("node-forbidden-403")), "ApiForbidden");
  EXPECT_EQ(got(answered(404, not_found("nodes", "node-a"))), "absent");
}

TEST(ClassifyNode, TakesNothingElse) {
  auto cut = answered(404, not_found("nodes", "node-a"));
  cut.is_cut = true;
  EXPECT_EQ(got(cut), "ApiProtocol");
  EXPECT_EQ(got(answered(404, not_found("pods", "node-a"))), "ApiProtocol");
  EXPECT_EQ(got(answered(404, not_found("nodes", "node-b"))), "ApiProtocol");
  EXPECT_EQ(got(answered(404, "404 page not found")), "ApiProtocol") << "a proxy's";
  EXPECT_EQ(got(answered(200, R"({"kind":"Node","metadata":{"name":"node-b"}})")), "ApiProtocol");
  EXPECT_EQ(got(answered(200, R"({"kind":"Pod","metadata":{"name":"node-a"}})")), "ApiProtocol");
  EXPECT_EQ(got(answered(200, "<html>")), "ApiProtocol");
  EXPECT_EQ(got(answered(503, "")), "ApiError");
  auto short_node = recorded_node("node-leaving");
  short_node.is_cut = true;
  EXPECT_EQ(got(short_node), "ApiProtocol");
}

TEST(ClassifyNode, SaysWhatIsWrongWithTheDocument) {
  const auto detail = [](const std::string& body) {
    return classify_node(answered(200, body), wanted_node).error().detail;
  };
  std::string taints = "{}";
  for (int i = 0; i < 20'000; ++i) taints += ",{}";
  EXPECT_EQ(detail(R"({"kind":"Node","metadata":{"name":"node-a"},"spec":{"taints":[)" + taints + "]}}"),
            "the response is no node: JSON with too many values");
  EXPECT_EQ(detail(R"({"kind":"Pod","metadata":{"name":"node-a"}})"),
            "the response is no node: the object is not a Node with a name");
  EXPECT_EQ(detail(R"({"kind":"Node","metadata":{"name":1}})"),
            "the response is no node: a JSON field has an unexpected type");
}

TEST(ClassifyNodeList, TakesOneNodeOrNone) {
  const auto list = [](const std::string& items, const std::string& metadata = R"("resourceVersion":"77")") {
    return R"({"kind":"NodeList","apiVersion":"v1","metadata":{)" + metadata + R"(},"items":)" + items + "}";
  };
  EXPECT_EQ(listed(list(R"([{"metadata":{"name":"node-a"}}])")), "node-a 77");
  EXPECT_EQ(listed(list("[]")), "absent 77");
  EXPECT_EQ(listed(list("null")), "ApiProtocol");
  EXPECT_EQ(listed(list("{}")), "ApiProtocol");
  EXPECT_EQ(listed(list(R"([{"metadata":{"name":"node-b"}}])")), "ApiProtocol");
  EXPECT_EQ(listed(list(R"([{"metadata":{"name":"node-a"}},{"metadata":{"name":"node-a"}}])")), "ApiProtocol");
  EXPECT_EQ(listed(list(R"([{}])")), "ApiProtocol");
  EXPECT_EQ(listed(list("[]", "")), "ApiProtocol") << "no version";
  EXPECT_EQ(listed(list("[]", R"("resourceVersion":"77","continue":"x")")), "ApiProtocol") << "a page";
  EXPECT_EQ(listed(R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"77"},"items":[]})"),
            "ApiProtocol");
  EXPECT_EQ(listed(R"({"kind":"NodeList","apiVersion":"v1","metadata":{"resourceVersion":"77"}})"), "ApiProtocol");
  for (const auto& body : {std::string{"404 page not found"}, not_found("nodes", "node-a"),
                           not_found("nodes", "node-b"), not_found("pods", "node-a")}) {
    EXPECT_EQ(listed(body, 404), "ApiProtocol") << "of a node that is absent a LIST is empty";
  }
}

}  // namespace
}  // namespace sidecar::kube
