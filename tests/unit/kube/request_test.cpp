#include "sidecar/kube/request.hpp"

#include <gtest/gtest.h>

namespace sidecar::kube {
namespace {

const pod_name our_pod{"demo", "game-0"};

TEST(Request, NamesThePodAloneAndItsVersion) {
  const std::string pods = "/api/v1/namespaces/demo/pods";
  EXPECT_EQ(get_target(our_pod), pods + "/game-0");
  EXPECT_EQ(list_target(our_pod), pods + "?fieldSelector=metadata.name%3Dgame-0");
  EXPECT_EQ(watch_target(our_pod, "234", std::chrono::seconds{271}),
            pods +
                "?fieldSelector=metadata.name%3Dgame-0&watch=true&allowWatchBookmarks=true&timeoutSeconds=271"
                "&resourceVersion=234");
}

TEST(Request, NamesTheNodeTheLabelAndTheVersionOrTheToken) {
  const std::string selectors =
      "/pods?fieldSelector=spec.nodeName%3Dnode-a.example&labelSelector=health-sidecar%2Fname";
  const std::pair<node_scope, std::string> rows[] = {{{"node-a.example"}, "/api/v1"},
                                                     {{"node-a.example", "demo"}, "/api/v1/namespaces/demo"}};
  for (const auto& [scope, path] : rows) {
    const auto pods = path + selectors;
    EXPECT_EQ(node_pods_target(scope), pods);
    EXPECT_EQ(node_pods_target(scope, "234"), pods + "&resourceVersion=234&resourceVersionMatch=NotOlderThan");
    EXPECT_EQ(node_pods_next_page(scope, "aZ09-._~"), pods + "&continue=aZ09-._~");
    EXPECT_EQ(node_pods_next_page(scope, "a+/=&\xff "), pods + "&continue=a%2B%2F%3D%26%FF%20");
    EXPECT_EQ(node_pods_watch_target(scope, "234", std::chrono::seconds{271}),
              pods + "&watch=true&allowWatchBookmarks=true&timeoutSeconds=271&resourceVersion=234");
  }
}

TEST(Request, HasExactlyTheseBytes) {
  EXPECT_EQ(render_request("/x", "[fd00::1]:6443", "me/1", "secret"),
            "GET /x HTTP/1.1\r\nHost: [fd00::1]:6443\r\nUser-Agent: me/1\r\nAccept: application/json\r\n"
            "Authorization: Bearer secret\r\n\r\n");
  EXPECT_EQ(render_request("/x", "10.96.0.1", "me/1", std::nullopt),
            "GET /x HTTP/1.1\r\nHost: 10.96.0.1\r\nUser-Agent: me/1\r\nAccept: application/json\r\n\r\n");
}

}  // namespace
}  // namespace sidecar::kube
