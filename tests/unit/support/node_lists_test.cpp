// Lists of a node's labelled pods, as health checks for a whole node ask for them.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "node_requests.hpp"
#include "support/lists.hpp"

namespace sidecar::test {
namespace {

using names = std::vector<std::string>;

class NodeList : public testing::Test {
 protected:
  http_response ask(const std::string& query, const std::string& path = "/api/v1/pods") {
    http_client client = fixture.connect();
    return client.ask(get(fixture.token, path + "?" + query)).value_or(http_response{});
  }
  nlohmann::json list(const std::string& query, const std::string& path = "/api/v1/pods") {
    return nlohmann::json::parse(ask(query, path).body);
  }

  node_server fixture;
};

TEST_F(NodeList, ShowsTheLabelledPodsOfTheNodeInTheOrderOfTheirKeys) {
  fixture.put("shop", "web-1", "web");
  fixture.put("demo", "web-2", "web");
  fixture.put("demo-2", "db-0", "db");
  fixture.put("shop", "web-0", "web");
  fixture.put("shop", "elsewhere", "web", "node-b");
  fixture.put("shop", "pending", "web", "");
  fixture.server.advance(10);
  auto all = list(node_selectors);
  EXPECT_EQ(names_in(all), (names{"demo-2/db-0", "demo/web-2", "shop/web-0", "shop/web-1"}));
  EXPECT_EQ(all["metadata"]["resourceVersion"], std::to_string(fixture.server.resource_version()));
  EXPECT_FALSE(all["metadata"].contains("continue"));
  EXPECT_FALSE(all["items"][0].contains("kind"));
  EXPECT_EQ(names_in(list(node_selectors, "/api/v1/namespaces/shop/pods")), (names{"shop/web-0", "shop/web-1"}));
  EXPECT_EQ(names_in(list("labelSelector=health-sidecar/name=db")), (names{"demo-2/db-0"}));
  EXPECT_EQ(names_in(list("labelSelector=health-sidecar/name,other")), names{});
}

TEST_F(NodeList, FollowsWhatHappensToAPod) {
  const auto now = [this] { return names_in(list(node_selectors)); };
  fixture.put("demo", "web-0", "web", "node-b");
  EXPECT_EQ(now(), names{});
  fixture.server.update_pod("demo", "web-0", [](pod& one) { one.set_node("node-a"); });
  EXPECT_EQ(now(), names{"demo/web-0"});
  fixture.server.update_pod("demo", "web-0", [](pod& one) { one.remove_label(workload_label); });
  EXPECT_EQ(now(), names{});
  fixture.server.update_pod("demo", "web-0", [](pod& one) { one.set_label(workload_label, "web"); });
  EXPECT_EQ(now(), names{"demo/web-0"});
  fixture.server.delete_pod("demo", "web-0");
  EXPECT_EQ(now(), names{});
}

TEST_F(NodeList, NotOlderThanIsServedOnceTheServerIsThere) {
  const std::uint64_t now = fixture.server.resource_version();
  const auto at = [](std::uint64_t version) {
    return node_selectors + "&resourceVersionMatch=NotOlderThan&resourceVersion=" + std::to_string(version);
  };
  EXPECT_EQ(ask(at(now)).status, 200);
  EXPECT_EQ(ask(at(1)).status, 200);
  EXPECT_EQ(ask(node_selectors + "&resourceVersion=0").status, 200);
  const http_response early = ask(at(now + 2));
  EXPECT_EQ(early.status_line, "HTTP/1.1 504 Gateway Timeout");
  EXPECT_EQ(early.field("Retry-After"), "1");
  EXPECT_EQ(early.body, R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":")"
                        "Timeout: Too large resource version: " +
                            std::to_string(now + 2) + ", current: " + std::to_string(now) +
                            R"(","reason":"Timeout","details":{"causes":[{"reason":"ResourceVersionTooLarge",)"
                            R"("message":"Too large resource version"}],"retryAfterSeconds":1},"code":504})"
                            "\n");
  fixture.server.advance(2);
  EXPECT_EQ(ask(at(now + 2)).status, 200);
}

TEST_F(NodeList, CacheBehindMeetsOnlyListsThatSetAVersion) {
  fixture.server.inject(times(1, cache_behind()));
  EXPECT_EQ(ask(node_selectors).status, 200) << "etcd knows";
  EXPECT_EQ(ask("fieldSelector=metadata.name=game-0", "/api/v1/namespaces/demo/pods").status, 200);
  EXPECT_EQ(ask(node_selectors + "&resourceVersion=0").status, 200);
  http_client client = fixture.connect();
  EXPECT_EQ(client.ask(fixture.ask())->status, 200);
  auto answer = list(node_selectors + "&resourceVersion=150&resourceVersionMatch=NotOlderThan");
  EXPECT_EQ(answer["message"], "Timeout: Too large resource version: 150, current: 149");
  EXPECT_EQ(ask(node_selectors + "&resourceVersion=150").status, 200) << "it was for one";
}

TEST_F(NodeList, OneNameIsAskedForInAnyNamespace) {
  fixture.put("shop", "web-0", "web");
  EXPECT_EQ(names_in(list("fieldSelector=metadata.name%3Dweb-0", "/api/v1/namespaces/shop/pods")), names{"shop/web-0"});
  auto absent = list("fieldSelector=metadata.name%3Dweb-0", "/api/v1/namespaces/nowhere/pods");
  EXPECT_EQ(absent["metadata"]["resourceVersion"], std::to_string(fixture.server.resource_version()));
  EXPECT_TRUE(absent["items"].is_array() && absent["items"].empty());
}

TEST_F(NodeList, PagesShowTheMomentOfTheFirst) {
  for (int i = 0; i < 5; ++i) fixture.put("demo", "web-" + std::to_string(i), "web");
  fixture.server.set_page_size(2);
  auto first = list(node_selectors + "&resourceVersion=" + std::to_string(fixture.server.resource_version()));
  EXPECT_EQ(names_in(first), (names{"demo/web-0", "demo/web-1"}));
  fixture.server.delete_pod("demo", "web-2");
  fixture.put("demo", "web-3a", "web");
  const std::string second_token = first["metadata"]["continue"];
  auto second = list(node_selectors + "&continue=" + second_token);
  EXPECT_EQ(names_in(second), (names{"demo/web-2", "demo/web-3"}));
  EXPECT_EQ(second["metadata"]["resourceVersion"], first["metadata"]["resourceVersion"]);
  const std::string third_token = second["metadata"]["continue"];
  auto third = list(node_selectors + "&continue=" + third_token);
  EXPECT_EQ(names_in(third), (names{"demo/web-4"}));
  EXPECT_FALSE(third["metadata"].contains("continue"));
  EXPECT_EQ(names_in(list("continue=" + second_token + "&limit=1")), names{"demo/web-2"}) << "again, with other values";
  fixture.server.forget_history();
  EXPECT_EQ(list(node_selectors + "&continue=" + second_token)["reason"], "Expired");
  fixture.server.set_page_size(0);
  EXPECT_EQ(names_in(list(node_selectors)).size(), 5U);
}

struct odd_query {
  const char* query;
  int status;
};
void PrintTo(const odd_query& row, std::ostream* out) { *out << row.query; }

class OddListQuery : public NodeList, public testing::WithParamInterface<odd_query> {};

TEST_P(OddListQuery, IsRefused) { EXPECT_EQ(ask(GetParam().query).status, GetParam().status); }

INSTANTIATE_TEST_SUITE_P(
    All, OddListQuery,
    testing::Values(odd_query{"resourceVersionMatch=NotOlderThan", 422},
                    odd_query{"resourceVersionMatch=NotOlderThan&resourceVersion=1&continue=e30", 422},
                    odd_query{"resourceVersion=1&continue=e30", 400}, odd_query{"continue=e30", 400},
                    odd_query{"continue=e", 400}, odd_query{"resourceVersion=abc", 500}, odd_query{"limit=two", 400},
                    odd_query{"resourceVersion=1&resourceVersionMatch=Exact", 400},
                    odd_query{"fieldSelector=spec.nodeName", 400},
                    odd_query{"fieldSelector=spec.nodeName!=node-a", 400},
                    odd_query{"fieldSelector=status.phase=Running", 400},
                    odd_query{"labelSelector=!health-sidecar/name", 400},
                    odd_query{"labelSelector=health-sidecar/name%20in%20(a)", 400}));

struct scope {
  const char* name;
  std::vector<std::string> namespaces;
  int everywhere;
  int demo;
  int shop;
};
void PrintTo(const scope& row, std::ostream* out) { *out << row.name; }

class NodeListScope : public NodeList, public testing::WithParamInterface<scope> {};

TEST_P(NodeListScope, IsWhatTheRulesAllow) {
  fixture.server.deny();
  for (const std::string& name_space : GetParam().namespaces) fixture.server.allow({.name_space = name_space});
  const auto review = [this](const std::string& name_space) {
    const std::string body =
        R"({"spec":{"resourceAttributes":{"verb":"list","resource":"pods","namespace":")" + name_space + R"("}}})";
    http_client client = fixture.connect();
    std::string request = get(fixture.token, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                              "Content-Length: " + std::to_string(body.size()) + "\r\n");
    request.replace(0, 3, "POST");
    return nlohmann::json::parse(client.ask(request + body)->body)["status"]["allowed"].get<bool>() ? 200 : 403;
  };
  EXPECT_EQ(ask(node_selectors).status, GetParam().everywhere);
  EXPECT_EQ(review(""), GetParam().everywhere);
  EXPECT_EQ(ask(node_selectors, "/api/v1/namespaces/demo/pods").status, GetParam().demo);
  EXPECT_EQ(review("demo"), GetParam().demo);
  EXPECT_EQ(ask(node_selectors, "/api/v1/namespaces/shop/pods").status, GetParam().shop);
  EXPECT_EQ(review("shop"), GetParam().shop);
}

INSTANTIATE_TEST_SUITE_P(All, NodeListScope,
                         testing::Values(scope{"nothing", {}, 403, 403, 403}, scope{"demo", {"demo"}, 403, 200, 403},
                                         scope{"cluster", {""}, 200, 200, 200}));

TEST_F(NodeList, RefusalAtTheClusterScopeSaysSo) {
  fixture.server.deny();
  EXPECT_EQ(ask(node_selectors).body,
            R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":)"
            R"("pods is forbidden: User \"system:serviceaccount:demo:sidecar\" cannot list resource \"pods\" in API )"
            R"(group \"\" at the cluster scope","reason":"Forbidden","details":{"kind":"pods"},"code":403})"
            "\n");
}

TEST(KeyOrder, IsThatOfEtcdsKeys) {
  const key_order before;
  EXPECT_TRUE(before({"demo-2", "z"}, {"demo", "a"}));
  EXPECT_TRUE(before({"demo", "a"}, {"demo", "b"}));
  EXPECT_FALSE(before({"demo", "b"}, {"demo", "a"}));
  EXPECT_TRUE(before({}, {"a", "a"}));
}

}  // namespace
}  // namespace sidecar::test
