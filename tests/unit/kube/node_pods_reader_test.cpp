#include "sidecar/kube/node_pods_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sidecar/kube/pod_name.hpp"
#include "support/recording.hpp"
#include "unit/kube/node_list_text.hpp"

namespace sidecar::kube {
namespace {

using health::reason;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const node_scope node_a{"node-a"};

/// What a reader makes of pages: "demo/web-1 web ContainerNotReady", then the version; or the failure's detail.
struct pods_read {
  std::vector<std::string> pods{};
  std::string version{};
  std::string refusal{};

  friend bool operator==(const pods_read&, const pods_read&) = default;
};

/// Each page comes in pieces of that size, and asks for the next one as the recordings do.
pods_read read_pages(const std::vector<std::string>& pages, std::size_t size, const node_scope& scope = node_a,
                     node_pods_limits limits = {}) {
  node_pods_reader reader(scope, health::requirement::containers, "health-sidecar/maintenance", limits);
  const auto refused = [](const failure& problem) {
    EXPECT_EQ(problem.why, reason::api_protocol);
    return pods_read{.refusal = problem.detail};
  };
  for (const auto& page : pages) {
    for (std::string_view rest = page; !rest.empty(); rest.remove_prefix(std::min(size, rest.size()))) {
      if (const auto problem = reader.read(rest.substr(0, size))) return refused(*problem);
    }
    const auto next = reader.end_page();
    if (!next) return refused(next.error());
    EXPECT_EQ(next->empty(), &page == &pages.back());
  }
  pods_read made{.version = reader.version()};
  for (const auto& one : reader.take()) {
    made.pods.push_back(to_string({one.namespace_name, one.name}) + ' ' + one.workload + ' ' +
                        std::string{health::name(one.judged)});
  }
  return made;
}

/// Whole, byte by byte, and in the pieces of a socket: the same.
pods_read read(const std::vector<std::string>& pages, const node_scope& scope = node_a, node_pods_limits limits = {}) {
  const auto whole = read_pages(pages, std::string::npos, scope, limits);
  for (const std::size_t size : {1U, 7U, 16384U}) {
    EXPECT_EQ(read_pages(pages, size, scope, limits), whole) << "in pieces of " << size;
  }
  return whole;
}

std::string refusal(const std::string& page, const node_scope& scope = node_a, node_pods_limits limits = {}) {
  const auto made = read({page}, scope, limits);
  EXPECT_THAT(made.pods, IsEmpty());
  return made.refusal;
}

TEST(NodeListReader, ReadsWhatAnApiServerListsInOnePageOrTwo) {
  for (const auto& [pages, version] :
       {std::pair{std::vector{test::recorded_body("list-by-node-and-label")}, "222"},
        {std::vector{test::recorded_body("list-by-node-page-1"), test::recorded_body("list-by-node-page-2")}, "223"}}) {
    const auto made = read(pages);
    EXPECT_THAT(made.pods, ElementsAre("demo/web-1 web ContainerStatusUnknown", "demo/web-2 web ContainerStatusUnknown",
                                       "demo/web-3 web ContainerStatusUnknown"));
    EXPECT_EQ(made.version, version);
  }
}

TEST(NodeListReader, OrdersPodsAndJudgesEachByItsOwnLabels) {
  const auto item = [](const std::string& name, const std::string& space, const std::string& labels) {
    return item_text{.name = name, .namespace_name = space, .labels = labels}.json();
  };
  const auto web = R"({"health-sidecar/name":"web"})";
  const auto made = read(
      {node_list_text(item("b", "demo", web) + ',' + item("c", "demo", R"({"health-sidecar/name":"api","x":"y"})") +
                      ',' + item("d", "demo", R"({"health-sidecar/maintenance":"true","health-sidecar/name":"web"})") +
                      ',' + item("no-label", "demo", "{}") + ',' +
                      item("empty-label", "demo", R"({"health-sidecar/name":""})") + ',' + item("b", "a-first", web))});
  EXPECT_THAT(made.pods, ElementsAre("a-first/b web AllContainersReady", "demo/b web AllContainersReady",
                                     "demo/c api AllContainersReady", "demo/d web Maintenance"));
  EXPECT_THAT(read({node_list_text("")}).pods, IsEmpty());
  EXPECT_EQ(read({node_list_text("")}).version, "243");
}

TEST(NodeListReader, RefusesWhatIsNoListOfTheNodesPods) {
  const auto item = item_text{}.json();
  const std::string fine = R"("kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1"})";
  const std::string items_of_shape = "`items` must be";
  const std::pair<std::string, std::string> rows[] = {
      {node_list_text(item_text{.node = "node-b"}.json()),
       "listed the pods of node-a, got demo/web-0 of the node 'node-b'"},
      {node_list_text(item_text{.node = ""}.json()), "got demo/web-0 of the node ''"},
      {node_list_text(item_text{.name = ""}.json()), "got one without a name"},
      {node_list_text(item_text{.namespace_name = ""}.json()), "got one without a name"},
      {node_list_text("{}"), "got one without a name"},
      {node_list_text(item + ',' + item), "has demo/web-0 twice"},
      {node_list_text(items(2) + R"(,{"metadata":[]})"), "the item after demo/web-1 in the list is no readable pod"},
      {node_list_text(R"({"metadata":{"name":1}})"), "an item of the list is no readable pod"},
      {node_list_text(R"({"a":1])"), "an item of the list is no readable pod"},
      {node_list_text(item + ",null"), items_of_shape},
      {node_list_text("[" + item + "]"), items_of_shape},
      {node_list_text("1"), items_of_shape},
      {"{" + fine + R"(,"items":null})", items_of_shape},
      {"{" + fine + R"(,"items":{}})", items_of_shape},
      {"{" + fine + R"(,"items":"x"})", items_of_shape},
      {"{" + fine + R"(,"items":[)" + item + R"(],"items":[]})", items_of_shape},
      {"{" + fine + R"(,"items":[],"pods":[)" + item + "]}", items_of_shape},
      {"{" + fine + R"(,"pods":[)" + item + "]}", items_of_shape},
      {"{" + fine + "}", items_of_shape},
      {node_list_text(item, ""), "without a resourceVersion"},
      {node_list_text(item, "0"), "without a resourceVersion"},
      {R"({"kind":"PodList","apiVersion":"v2","metadata":{"resourceVersion":"1"},"items":[]})", "no list of pods"},
      {R"({"kind":"NodeList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":[]})", "no list of pods"},
      {R"({"kind":"PodList",)" + fine + R"(,"items":[]})", "no list of pods"},
      {node_list_text(item).substr(0, 150), "no list of pods"},
      {node_list_text(item) + "x", "no list of pods"},
      {test::recorded_body("pod-ready"), "no list of pods"},
      {test::recorded_body("list-forbidden-403"), "no list of pods"},
      {"", "no list of pods"}};
  for (const auto& [page, detail] : rows) EXPECT_THAT(refusal(page), HasSubstr(detail)) << page;
}

TEST(NodeListReader, OfOneNamespaceHasPodsOfThatAlone) {
  const node_scope demo{"node-a", "demo"};
  EXPECT_EQ(read({node_list_text(items(1))}, demo).pods.size(), 1U);
  EXPECT_EQ(refusal(node_list_text(item_text{.namespace_name = "other"}.json()), demo),
            "listed the pods of node-a in demo, got other/web-0");
}

TEST(NodeListReader, PagesAreOfOneVersionAndHaveEachPodOnce) {
  const auto item = [](const std::string& name) { return item_text{.name = name}.json(); };
  EXPECT_EQ(read({node_list_text(item("a"), "5", "x"), node_list_text(item("b"), "5")}).pods.size(), 2U);
  EXPECT_THAT(read({node_list_text(item("a"), "5", "x"), node_list_text(item("b"), "6")}).refusal,
              HasSubstr("resourceVersions 5 and 6"));
  EXPECT_THAT(read({node_list_text(item("a"), "5", "x"), node_list_text(item("a"), "5")}).refusal, HasSubstr("twice"));
}

TEST(NodeListReader, IsRefusedAsAWholeBeyondABound) {
  const auto three = items(3, "0123456789");
  const auto page = node_list_text(three);
  const auto item_size = three.size() / 3;  // and a comma
  const auto envelope_size = node_list_text("{},{},{}").size();
  const auto kept = sizeof(health::workload_pod) + sizeof(health::workload_pod::container_verdict);
  const node_pods_limits just_enough{
      .pods = 3, .kept_pod = kept, .item = item_size, .body = page.size(), .envelope = envelope_size};
  EXPECT_EQ(read({page}, node_a, just_enough).pods.size(), 3U);
  const auto less = [&](auto change) {
    auto limits = just_enough;
    change(limits);
    return refusal(page, node_a, limits);
  };
  EXPECT_EQ(less([](auto& limits) { limits.pods = 2; }),
            "the node has 3 pods with the label health-sidecar/name, and at most 2 are read");
  EXPECT_EQ(less([](auto& limits) { limits.kept_pod -= 1; }),
            "the pod demo/web-0 with its 1 containers takes " + std::to_string(kept) +
                " bytes of memory, and a pod may take " + std::to_string(kept - 1));
  EXPECT_THAT(less([](auto& limits) { limits.item -= 1; }),
              HasSubstr("an item of the list has more than " + std::to_string(item_size - 1) + " bytes"));
  EXPECT_THAT(less([](auto& limits) { limits.body -= 1; }),
              testing::AllOf(HasSubstr("has more than " + std::to_string(page.size() - 1) + " bytes"),
                             HasSubstr("3 pods in that")));
  EXPECT_THAT(less([](auto& limits) { limits.envelope -= 1; }), HasSubstr("besides its items"));
}

TEST(NodeListReader, BoundsHoldAcrossPages) {
  const std::vector pages{node_list_text(items(2), "5", "x"), node_list_text(item_text{.name = "z"}.json(), "5")};
  const auto size = pages[0].size() + pages[1].size();
  EXPECT_EQ(read(pages, node_a, {.pods = 3, .body = size}).pods.size(), 3U);
  EXPECT_THAT(read(pages, node_a, {.pods = 2}).refusal, HasSubstr("the node has 3 pods"));
  EXPECT_THAT(read(pages, node_a, {.pods = 1}).refusal, HasSubstr("the node has at least 2 pods"));
  EXPECT_THAT(read(pages, node_a, {.body = size - 1}).refusal, HasSubstr("has more than"));
}

TEST(NodeListReader, ReadsANodesPodsAndNotOneMore) {
  EXPECT_EQ(read_pages({node_list_text(items(512))}, 16384).pods.size(), 512U);
  EXPECT_THAT(read_pages({node_list_text(items(513))}, 16384).refusal, HasSubstr("513 pods"));
}

}  // namespace
}  // namespace sidecar::kube
