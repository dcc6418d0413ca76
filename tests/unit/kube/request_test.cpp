#include "sidecar/kube/request.hpp"

#include <gtest/gtest.h>

namespace sidecar::kube {
namespace {

using namespace std::chrono_literals;

const pod_name game{"demo", "game-0"};

TEST(RenderGet, NamesThePodAndCarriesNoToken) {
  EXPECT_EQ(render_get(game, "[fd00::1]:6443", "me/1"),
            "GET /api/v1/namespaces/demo/pods/game-0 HTTP/1.1\r\nHost: [fd00::1]:6443\r\nUser-Agent: me/1\r\n"
            "Accept: application/json\r\n");
}

TEST(RenderList, IsAConsistentReadOfThePodAlone) {
  EXPECT_EQ(render_list(game, "10.96.0.1", "me/1"),
            "GET /api/v1/namespaces/demo/pods?fieldSelector=metadata.name%3Dgame-0 HTTP/1.1\r\nHost: 10.96.0.1\r\n"
            "User-Agent: me/1\r\nAccept: application/json\r\n");
}

TEST(RenderWatch, IsOfThePodAloneFromAVersionOn) {
  EXPECT_EQ(render_watch(game, "234", 271s, "10.96.0.1:443", "me/1"),
            "GET /api/v1/namespaces/demo/pods?fieldSelector=metadata.name%3Dgame-0&watch=true&allowWatchBookmarks=true"
            "&timeoutSeconds=271&resourceVersion=234 HTTP/1.1\r\nHost: 10.96.0.1:443\r\nUser-Agent: me/1\r\n"
            "Accept: application/json\r\n");
}

}  // namespace
}  // namespace sidecar::kube
