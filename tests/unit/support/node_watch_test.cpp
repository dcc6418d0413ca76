// Watches with selectors: a pod comes into the selection and leaves it.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "node_requests.hpp"
#include "watching_client.hpp"

namespace sidecar::test {
namespace {

using namespace std::chrono_literals;

class NodeWatch : public testing::Test {
 protected:
  watching_client watch(const std::string& more = {}, const std::string& path = "/api/v1/pods") {
    const std::string from = "&resourceVersion=" + std::to_string(fixture.server.resource_version());
    return watching_client{fixture, path + "?watch=true&" + node_selectors + (more.empty() ? from : more)};
  }
  /// `TYPE namespace/name version`.
  static std::string next(watching_client& client) {
    const nlohmann::json event = client.event();
    if (event.is_null()) return "end";
    const auto metadata = event["object"]["metadata"];
    return event.value("type", "") + " " + metadata.value("namespace", "") + "/" + metadata.value("name", "") + " " +
           metadata.value("resourceVersion", "");
  }
  std::string now() const { return std::to_string(fixture.server.resource_version()); }
  void change(const std::function<void(pod&)>& action) { fixture.server.update_pod("demo", "web-0", action); }

  node_server fixture;
};

TEST_F(NodeWatch, CoversAllNamespacesAndNothingElseOnTheNode) {
  watching_client client = watch();
  ASSERT_TRUE(fixture.server.wait_for_watches(1));
  fixture.server.set_ready("game", false);
  fixture.put("demo", "elsewhere", "web", "node-b");
  fixture.put("shop", "db-0", "db");
  EXPECT_EQ(next(client), "ADDED shop/db-0 " + now());
  fixture.server.set_ready("app", false, "shop", "db-0");
  EXPECT_EQ(next(client), "MODIFIED shop/db-0 " + now());
  fixture.put("demo", "web-0", "web");
  EXPECT_EQ(next(client), "ADDED demo/web-0 " + now());
  fixture.server.delete_pod("shop", "db-0");
  EXPECT_EQ(next(client), "DELETED shop/db-0 " + now());
}

TEST_F(NodeWatch, OfOneNamespaceHearsOfNoOther) {
  watching_client client = watch({}, "/api/v1/namespaces/shop/pods");
  ASSERT_TRUE(fixture.server.wait_for_watches(1));
  fixture.put("demo", "web-0", "web");
  fixture.put("shop", "db-0", "db");
  EXPECT_EQ(next(client), "ADDED shop/db-0 " + now());
}

struct way_out {
  const char* name;
  void (*leave)(pod&);
  void (*come_back)(pod&);
};
void PrintTo(const way_out& row, std::ostream* out) { *out << row.name; }

class NodeWatchWay : public NodeWatch, public testing::WithParamInterface<way_out> {};

// The last state that was selected, under the version of the change.
TEST_P(NodeWatchWay, OutIsADeletionAndBackAnAddition) {
  fixture.put("demo", "web-0", "web");
  const std::string begin = "&resourceVersion=" + now();
  watching_client client = watch();
  ASSERT_TRUE(fixture.server.wait_for_watches(1));
  fixture.server.set_ready("app", false, "demo", "web-0");
  EXPECT_EQ(next(client), "MODIFIED demo/web-0 " + now());
  change([](pod& one) { GetParam().leave(one.set_ready("app", true)); });
  nlohmann::json gone = client.event();
  EXPECT_EQ(brief(gone), "DELETED " + now());
  EXPECT_EQ(gone["object"]["metadata"]["labels"][workload_label], "web");
  EXPECT_EQ(gone["object"]["spec"]["nodeName"], "node-a");
  EXPECT_EQ(gone["object"]["status"]["containerStatuses"][0]["ready"], false);
  change([](pod& one) { one.set_ready("app", false); });
  change(GetParam().come_back);
  EXPECT_EQ(next(client), "ADDED demo/web-0 " + now()) << "what happened outside is not told";

  watching_client late = watch(begin);
  EXPECT_EQ(next(late).substr(0, 8), "MODIFIED");
  EXPECT_EQ(next(late).substr(0, 7), "DELETED");
  EXPECT_EQ(next(late), "ADDED demo/web-0 " + now());
}

INSTANTIATE_TEST_SUITE_P(All, NodeWatchWay,
                         testing::Values(way_out{"label", [](pod& one) { one.remove_label(workload_label); },
                                                 [](pod& one) { one.set_label(workload_label, "db"); }},
                                         way_out{"node", [](pod& one) { one.set_node("node-b"); },
                                                 [](pod& one) { one.set_node("node-a"); }}));

TEST_F(NodeWatch, PodThatIsReplacedIsDeletedAndAdded) {
  fixture.put("demo", "web-0", "web");
  watching_client client = watch();
  ASSERT_TRUE(fixture.server.wait_for_watches(1));
  fixture.put("demo", "web-0", "web");
  EXPECT_EQ(next(client).substr(0, 8), "DELETED ");
  EXPECT_EQ(next(client), "ADDED demo/web-0 " + now());
}

TEST_F(NodeWatch, WithoutAVersionBeginsWithTheSelectedPods) {
  fixture.put("shop", "db-0", "db");
  fixture.put("demo", "web-0", "web");
  fixture.put("demo", "elsewhere", "web", "node-b");
  watching_client client = watch("&allowWatchBookmarks=true");
  EXPECT_EQ(next(client).substr(0, 17), "ADDED demo/web-0 ");
  EXPECT_EQ(next(client).substr(0, 16), "ADDED shop/db-0 ");
  EXPECT_EQ(next(client), "BOOKMARK / " + now());
}

TEST_F(NodeWatch, BookmarksComeAndAForgottenVersionIsGone) {
  fixture.server.behave({.bookmarks = 10ms});
  watching_client client = watch("&allowWatchBookmarks=true&resourceVersion=" + now());
  EXPECT_EQ(next(client), "BOOKMARK / " + now());
  const std::string old = "&resourceVersion=" + now();
  fixture.put("demo", "web-0", "web");
  fixture.server.forget_history();
  watching_client late = watch(old);
  EXPECT_EQ(late.event()["object"]["code"], 410);
}

TEST_F(NodeWatch, IsForbiddenAtTheClusterScopeWithoutARuleForIt) {
  fixture.server.deny();
  fixture.server.allow();
  watching_client client = watch();
  EXPECT_EQ(client.head().substr(0, 12), "HTTP/1.1 403");
}

}  // namespace
}  // namespace sidecar::test
