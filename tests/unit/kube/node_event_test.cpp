#include <gtest/gtest.h>

#include <string>

#include "sidecar/kube/request.hpp"
#include "sidecar/kube/watch_event.hpp"

namespace sidecar::kube {
namespace {

const node_name watched_node{"node-a"};

std::string line_of(const std::string& type, const std::string& object) {
  return R"({"type":")" + type + R"(","object":)" + object + "}";
}

/// "changed node-a 9 label", "deleted 9", "bookmark 9", or why the line is refused.
std::string heard(const std::string& line) {
  const auto read = read_watch_event(line, watched_node);
  if (!read) return read.error().detail;
  const auto& event = *read;
  switch (event.what) {
    case watch_event::type::changed:
      return "changed " + event.node.name + ' ' + event.resource_version + (event.node.is_excluded ? " label" : "");
    case watch_event::type::deleted:
      return "deleted " + event.node.name + event.resource_version;
    case watch_event::type::bookmark:
      return "bookmark " + event.resource_version;
    case watch_event::type::error:
      return "error " + event.detail;
    case watch_event::type::unknown:
      break;
  }
  return "unknown";
}

TEST(NodeEvent, IsOfTheWatchedNode) {
  const std::string node = R"({"kind":"Node","metadata":{"name":"node-a","resourceVersion":"9","labels":)"
                           R"({"node.kubernetes.io/exclude-from-external-load-balancers":""}}})";
  EXPECT_EQ(heard(line_of("ADDED", node)), "changed node-a 9 label");
  EXPECT_EQ(heard(line_of("MODIFIED", node)), "changed node-a 9 label");
  EXPECT_EQ(heard(line_of("DELETED", node)), "deleted 9");
  EXPECT_EQ(heard(line_of("BOOKMARK", R"({"kind":"Node","metadata":{"resourceVersion":"12"}})")), "bookmark 12");
  EXPECT_EQ(heard(line_of("BOOKMARK", R"({"kind":"Pod","metadata":{"resourceVersion":"12"}})")),
            "a bookmark of the watch has no resourceVersion");
  EXPECT_EQ(heard(line_of("ADDED", R"({"kind":"Node","metadata":{"name":"node-b"}})")),
            "watched the node node-a, got an event of node-b");
  EXPECT_EQ(heard(line_of("ADDED", R"({"kind":"Pod","metadata":{"name":"node-a"}})")),
            "an event of the watch has no node: the object is not a Node with a name");
  EXPECT_EQ(heard(line_of("ERROR", R"({"kind":"Status","reason":"Expired","message":"too old"})")),
            "error Expired: too old");
  EXPECT_EQ(heard(line_of("MOVED", node)), "unknown");
}

TEST(NodeRequest, IsAboutTheOneNode) {
  using namespace std::chrono_literals;
  EXPECT_EQ(get_target(watched_node), "/api/v1/nodes/node-a");
  EXPECT_EQ(list_target(watched_node), "/api/v1/nodes?fieldSelector=metadata.name%3Dnode-a");
  EXPECT_EQ(watch_target(watched_node, "77", 240s),
            "/api/v1/nodes?fieldSelector=metadata.name%3Dnode-a&watch=true&allowWatchBookmarks=true&timeoutSeconds=240"
            "&resourceVersion=77");
}

}  // namespace
}  // namespace sidecar::kube
