#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "sidecar/kube/request.hpp"
#include "sidecar/kube/watch_event.hpp"
#include "support/answers.hpp"
#include "unit/kube/node_list_text.hpp"
#include "unit/kube/object_watch_world.hpp"

/// A watch on the pods of a node, in so far as it differs from one on a pod.
namespace sidecar::kube {
namespace {

using health::reason;
using testing::ElementsAre;
using type = watch_event::type;

constexpr health::labels_read labels{"health-sidecar/maintenance", "health-sidecar/name"};

std::string event_of(const std::string& what, const item_text& pod) {
  return R"({"type":")" + what + R"(","object":{"kind":"Pod",)" + pod.json().substr(1) + "}";
}

outcome<watch_event> read(const std::string& line, const node_scope& scope = {"node-a"}) {
  return read_watch_event(line, scope, labels);
}

/// "changed demo/web-0 web", or why it is refused.
std::string text_of(const outcome<watch_event>& event) {
  if (!event) {
    EXPECT_EQ(event.error().why, reason::api_protocol);
    return event.error().detail;
  }
  EXPECT_EQ(event->resource_version, "7");
  return (event->what == type::changed ? "changed " : "deleted ") + to_string(name_of(event->subject)) + ' ' +
         event->subject.workload;
}

struct event_row {
  item_text pod;
  std::string changed;
  std::string deleted;
};

TEST(NodeWatchEvent, IsOfAnyPodOfTheNodeAndADeletionOfWhateverHasLeft) {
  const event_row rows[] = {
      {{}, "changed demo/web-0 web", "deleted demo/web-0 web"},
      {{.name = "b", .namespace_name = "other"}, "changed other/b web", "deleted other/b web"},
      {{.labels = "{}"}, "changed demo/web-0 ", "deleted demo/web-0 "},
      {{.node = "node-b"}, "watched the pods of node-a, got demo/web-0 of the node 'node-b'", "deleted demo/web-0 web"},
      {{.node = ""}, "watched the pods of node-a, got demo/web-0 of the node ''", "deleted demo/web-0 web"},
      {{.name = ""},
       "watched the pods of node-a, got one without a name",
       "watched the pods of node-a, got one without a name"}};
  for (const auto& row : rows) {
    EXPECT_EQ(text_of(read(event_of("ADDED", row.pod))), row.changed);
    EXPECT_EQ(text_of(read(event_of("MODIFIED", row.pod))), row.changed);
    EXPECT_EQ(text_of(read(event_of("DELETED", row.pod))), row.deleted);
  }
}

TEST(NodeWatchEvent, OfOneNamespaceIsOfThatAlone) {
  const node_scope demo{"node-a", "demo"};
  EXPECT_EQ(text_of(read(event_of("ADDED", {}), demo)), "changed demo/web-0 web");
  for (const auto* what : {"ADDED", "DELETED"}) {
    EXPECT_EQ(text_of(read(event_of(what, {.namespace_name = "other"}), demo)),
              "watched the pods of node-a in demo, got other/web-0");
  }
}

TEST(NodeWatchEvent, StateAfterADeletionIsAbsentThoughItsPodIsKnown) {
  const auto event = read(event_of("DELETED", {}));
  ASSERT_TRUE(event) << event.error().detail;
  EXPECT_EQ(event->subject.name, "web-0");
  EXPECT_EQ(std::get<health::absent_pod>(state_after(*event)).resource_version, "7");
}

class NodeWatch : public testing::Test, protected watch_world {
 protected:
  NodeWatch() { settings.node = {.node = "node-a"}; }

  watch_end run_with(const std::string& lines) {
    server.inject(test::times(
        1, test::raw_answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + test::chunked(lines, 100))));
    return run();
  }
};

TEST_F(NodeWatch, DeliversEventsOfAllItsPods) {
  const auto end = run_with(event_of("ADDED", {}) + '\n' + event_of("MODIFIED", {.namespace_name = "other"}) + '\n' +
                            event_of("DELETED", {.node = "node-b"}) + '\n' +
                            R"({"type":"BOOKMARK","object":{"kind":"Pod","metadata":{"resourceVersion":"9"}}})" + '\n');
  EXPECT_EQ(end.how, watch_end::manner::completed) << end.why.detail;
  EXPECT_THAT(delivered, ElementsAre("accepted", "changed 7", "changed 7", "deleted 7", "bookmark 9"));
  EXPECT_EQ(server.requests().at(0).target, node_pods_watch_target(settings.node, version, length));
}

TEST_F(NodeWatch, IsLostWithAnEventOfAnotherNodesPod) {
  const auto end = run_with(event_of("ADDED", {}) + '\n' + event_of("ADDED", {.node = "node-b"}) + '\n');
  EXPECT_EQ(end.how, watch_end::manner::lost);
  EXPECT_EQ(end.why.why, reason::api_protocol);
  EXPECT_THAT(delivered, ElementsAre("accepted", "changed 7"));
}

}  // namespace
}  // namespace sidecar::kube
