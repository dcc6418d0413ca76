#include "sidecar/kube/node_pods_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "sidecar/kube/request.hpp"
#include "support/recording.hpp"
#include "unit/kube/node_pods_source_world.hpp"

namespace sidecar::kube {
namespace {

using namespace std::chrono_literals;
using health::reason;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

const std::string own_pod = "/api/v1/namespaces/demo/pods?fieldSelector=metadata.name%3Dagent-0";

const std::string too_large = response_with(
    R"({"kind":"Status","apiVersion":"v1","status":"Failure","message":"Timeout: Too large resource version: 9, current: 5",)"
    R"("reason":"Timeout","details":{"causes":[{"reason":"ResourceVersionTooLarge","message":"Too large"}],)"
    R"("retryAfterSeconds":1},"code":504})",
    "Retry-After: 1\r\n", "504 Gateway Timeout");

class NodeSource : public testing::Test, protected node_world {};

TEST_F(NodeSource, ListsWhatIsNotOlderThanTheNewestVersionOnOneConnection) {
  script({bound_text("240"), node_list_text(items(2)), bound_text("250"), node_list_text("", "251")});
  const auto before = boottime_clock::now();
  const auto found = list();
  const auto between = boottime_clock::now();
  ASSERT_EQ(text_of(found), "web-0 web-1 @243");
  EXPECT_GE(found->observed, before);
  EXPECT_LE(found->observed, between);
  EXPECT_EQ(found->pods.at(0).judged, reason::all_containers_ready);
  EXPECT_EQ(list_text(), "@251");
  EXPECT_THAT(targets(), ElementsAre(own_pod, node_pods_target(settings.node, "240"), own_pod,
                                     node_pods_target(settings.node, "250")));
  EXPECT_EQ(server.counts().accepted, 1U);
  EXPECT_EQ(settings.statistics->count(verb::list, {}), 2U) << "a call of two requests is one LIST";
}

TEST_F(NodeSource, IsObservedWhenTheVersionWasRequestedHoweverLongTheListTakes) {
  script({bound_text("240")});
  server.inject(test::times(1, [] {
    auto late = test::raw_answer(response_with(node_list_text(items(1))));
    late.delay = 200ms;
    return late;
  }()));
  const auto before = boottime_clock::now();
  const auto found = list();
  ASSERT_EQ(text_of(found), "web-0 @243");
  EXPECT_LT(found->observed - before, 200ms);
}

TEST_F(NodeSource, ReadsTheRecordedListInItsChunksAndPages) {
  const auto page = [](const char* name) { return test::test_data(std::string{"recordings/"} + name + ".http"); };
  script({bound_text("222"), page("list-by-node-and-label"), bound_text("223"), page("list-by-node-page-1"),
          page("list-by-node-page-2")});
  EXPECT_EQ(list_text(), "web-1 web-2 web-3 @222");
  EXPECT_EQ(list_text(), "web-1 web-2 web-3 @223");
  EXPECT_EQ(targets().back(),
            node_pods_target(settings.node) +
                "&continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MjIzLCJzdGFydCI6Ii9kZW1vL3dlYi0yXHUwMDAwIn0");
}

TEST_F(NodeSource, ListsPastACacheThatIsBehindAtOnce) {
  script({bound_text("240"), too_large, node_list_text(""), bound_text("242"), node_list_text("")});
  EXPECT_EQ(list_text(), "@243");
  EXPECT_EQ(list_text(), "@243");
  EXPECT_THAT(targets(), ElementsAre(own_pod, node_pods_target(settings.node, "240"), node_pods_target(settings.node),
                                     own_pod, node_pods_target(settings.node, "242")));
}

/// Two seconds are what the cache gets to reach the version; to learn that version the server has API_TIMEOUT.
TEST_F(NodeSource, TheNewestVersionMayTakeAsLongAsAnyCall) {
  settings.timeout = 10s;
  auto late = test::raw_answer(response_with(bound_text("240")));
  late.delay = 2100ms;
  server.inject(test::times(1, late));
  script({node_list_text(items(1))});
  EXPECT_EQ(list_text(), "web-0 @243");
}

TEST_F(NodeSource, APlainListThatFailsIsNotRepeated) {
  const auto other_timeout =
      response_with(R"({"kind":"Status","reason":"Timeout","code":504})", {}, "504 Gateway Timeout");
  for (const auto& [trouble, expected] :
       {std::pair{test::raw_answer(other_timeout), "ApiError: HTTP 504"},
        std::pair{test::raw_answer(other_timeout.substr(0, 20), test::afterwards::close), "ApiUnreachable: "}}) {
    server.forget();
    script({bound_text("1"), too_large});
    server.inject(test::times(1, trouble));
    script({bound_text("3"), node_list_text("")});
    EXPECT_THAT(list_text(), StartsWith(expected));
    list();
    EXPECT_EQ(targets().at(2), node_pods_target(settings.node));
    EXPECT_EQ(targets().at(4), node_pods_target(settings.node, "3"));
  }
}

TEST_F(NodeSource, RefusalOfEitherRequestIsTheResult) {
  const std::string forbidden = test::test_data("recordings/list-forbidden-403.http");
  const std::string busy = test::test_data("recordings/too-many-requests-429.http");
  const auto gone =
      response_with(R"({"kind":"Status","reason":"Expired","message":"too old","code":410})", {}, "410 x");
  const auto gzip = response_with(node_list_text(""), "Content-Encoding: gzip\r\n");
  const std::pair<std::string, std::string> rows[] = {
      {forbidden, R"(ApiForbidden: HTTP 403: pods "game-0" is forbidden)"},
      {busy, "ApiBusy: HTTP 429"},
      {gone, "ApiProtocol: HTTP 410: too old"},
      {gzip, "ApiProtocol: the response is compressed"},
      {response_with("", {}, "204 x"), "ApiProtocol: HTTP 204"},
      {"HTTP/1.1 nonsense\r\n\r\n", "ApiProtocol: bad response"},
      {response_with("[]"), "ApiProtocol: the response is no list"}};
  for (const auto& [response, expected] : rows) {
    node_world first;
    first.script({response});
    EXPECT_THAT(first.list_text(), StartsWith(expected));
    EXPECT_EQ(first.server.requests().size(), 1U);
    node_world second;
    second.script({bound_text("240"), response});
    EXPECT_THAT(second.list_text(), StartsWith(expected));
    EXPECT_EQ(second.settings.statistics->count(verb::list, {}), 0U);
    EXPECT_EQ(second.settings.statistics->durations.count, 1U);
  }
}

TEST_F(NodeSource, ListThatIsCutIsNone) {
  const auto whole = response_with(node_list_text(items(3)));
  const auto chunks =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + test::chunked(node_list_text(items(3)), 64);
  for (const auto& cut : {whole.substr(0, whole.size() / 2), chunks.substr(0, chunks.size() - 5)}) {
    node_world world;
    world.script({bound_text("240")});
    world.server.inject(test::times(1, test::raw_answer(cut, test::afterwards::close)));
    EXPECT_THAT(world.list_text(), StartsWith("ApiUnreachable: in the middle of the response"));
  }
  script({bound_text("240"), response_with(node_list_text(items(3)).substr(0, 700))});
  EXPECT_THAT(list_text(), StartsWith("ApiProtocol: the response is no list of pods"));
}

TEST_F(NodeSource, RefusedListEndsTheRequestAndTheNextCallSucceeds) {
  // What comes after 512 pods is only counted, which is fast without optimization, too.
  const auto huge = node_list_text(items(512) + ',' + items(16, std::string(1100000, 'x')));
  ASSERT_GT(huge.size(), 16U * 1024 * 1024);
  const std::pair<std::string, std::string> rows[] = {
      {node_list_text(item_text{.node = "node-b"}.json()), "got demo/web-0 of the node 'node-b'"},
      {node_list_text(items(513)), "the node has 513 pods"},
      {huge, "has more than 16777216 bytes (16.0 MiB), which is all that is read, and 527 pods in that"},
      {node_list_text("", "239"), "at the resourceVersion 239, older than 240"}};
  for (const auto& [body, detail] : rows) {
    for (const auto& response : {response_with(body), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
                                                          test::chunked(body, std::size_t{1} << 20U)}) {
      script({bound_text("240"), response, bound_text("240"), node_list_text(items(1))});
      EXPECT_THAT(list_text(), testing::AllOf(StartsWith("ApiProtocol: "), HasSubstr(detail)));
      EXPECT_EQ(list_text(), "web-0 @243");
    }
  }
}

TEST_F(NodeSource, ReadsAListThatIsLargerThanAnyPod) {
  script({bound_text("240"), node_list_text(items(3, std::string(1000000, 'x')))});
  EXPECT_EQ(list_text(), "web-0 web-1 web-2 @243");
}

}  // namespace
}  // namespace sidecar::kube
