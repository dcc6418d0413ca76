#include "sidecar/node/node_service.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "sidecar/node/node_pods_subject.hpp"
#include "unit/net/run.hpp"

/// What the service adds to node_answer: the wait for the first LIST, and what the watch loop tells it.
namespace sidecar::node {
namespace {

using namespace std::chrono_literals;
using health::reason;

class scripted_node final : public kube::node_pods_source {
 public:
  boost::asio::awaitable<kube::outcome<kube::node_pods>> list_pods() override { co_return next; }

  kube::outcome<kube::node_pods> next = kube::node_pods{};
};

kube::watch_event event_of(kube::watch_event::type what, const std::string& workload, const std::string& version) {
  health::pod subject;
  subject.namespace_name = "demo";
  subject.name = "web-1";
  subject.workload = workload;
  subject.resource_version = version;
  subject.containers = {{"game"}};
  subject.statuses = {{"game", true}};
  return {.what = what, .subject = subject, .resource_version = version};
}

class NodeService : public testing::Test {
 protected:
  void list(const std::string& version) {
    source.next = kube::node_pods{.observed = boottime_clock::now(), .version = version};
    const auto listed = test::run(context, subject.list());
    ASSERT_TRUE(listed.found);
    subject.publish();
  }
  std::string now(const std::string& named) {
    const auto given = service.answer_now(named);
    return given ? std::string{name(given->verdict.reason)} : "waits";
  }

  boost::asio::io_context context;
  scripted_node source;
  known_pods known;
  std::vector<journal::transition> logged;
  std::vector<std::string> lines;
  node_service service{context.get_executor(),
                       {.hold = {.stale_grace = 30s},
                        .answer_timeout = 1h,
                        .log = [this](const journal::transition& one) { logged.push_back(one); },
                        .log_workload = [this](const journal::log_line& one) { lines.push_back(one.message); }},
                       known};
  node_pods_subject subject{source, known, service, health::requirement::containers};
};

TEST_F(NodeService, AQueryWaitsForTheFirstListAlone) {
  EXPECT_EQ(now("demo/web"), "waits");
  EXPECT_EQ(now("nodez"), "waits");
  EXPECT_EQ(now(""), "WorkloadNotNamed");
  std::optional<health::answer> given;
  boost::asio::co_spawn(context, service.answer("demo/web"),
                        [&](std::exception_ptr, health::answer one) { given = one; });
  context.poll();
  EXPECT_FALSE(given);
  context.restart();
  list("100");
  test::run_ready(context);
  ASSERT_TRUE(given);
  EXPECT_EQ(given->verdict.reason, reason::no_pod_on_node);
}

TEST_F(NodeService, BeforeTheFirstListAFailureEndsTheWaitIfOnlyAnOperatorCanMendIt) {
  service.mark_stale({{reason::api_unreachable, "detail", {}}});
  EXPECT_EQ(now("demo/web"), "waits") << "the next LIST may be on its way";
  service.mark_stale({{reason::api_forbidden, "detail", {}}});
  EXPECT_EQ(now("demo/web"), "ApiForbidden");
  EXPECT_EQ(logged.back().detail, "detail");
}

TEST_F(NodeService, BetweenTwoWatchesAQueryWaitsOnlyIfNothingIsHeld) {
  list("100");
  service.mark_stale({{reason::api_unreachable, {}, {}}, true});
  EXPECT_EQ(now("demo/web"), "NoPodOnNode") << "held";
  node_service strict{context.get_executor(), {.answer_timeout = 1h}, known};
  strict.mark_stale({{reason::api_unreachable, {}, {}}, true});
  EXPECT_FALSE(strict.answer_now("demo/web"));
  strict.publish();
  EXPECT_EQ(strict.answer_now("demo/web")->verdict.reason, reason::no_pod_on_node);
  strict.mark_stale({{reason::api_unreachable, {}, {}}});
  EXPECT_EQ(strict.answer_now("demo/web")->verdict.reason, reason::api_unreachable) << "an outage";
}

TEST_F(NodeService, AnEventEndsNoFailureThatLastsLongerThanWhatIsKnownIsCurrent) {
  source.next = kube::node_pods{.observed = boottime_clock::now() - 25s, .version = "100"};
  test::run(context, subject.list());
  service.mark_stale({{reason::api_protocol, "513 pods", {}}});
  subject.learn(event_of(kube::watch_event::type::changed, "web", "101"), boottime_clock::now());
  subject.publish();
  const auto given = service.answer_now("demo/web");
  EXPECT_TRUE(given->held);
  EXPECT_EQ(service.failure(), reason::api_protocol);
}

TEST_F(NodeService, FollowsThePodsOfItsNode) {
  using type = kube::watch_event::type;
  list("100");
  EXPECT_EQ(logged.back().cause, reason::node_known);
  const auto learn = [&](const kube::watch_event& event) {
    const auto learnt = subject.learn(event, boottime_clock::now());
    subject.publish();
    return learnt.has_value();
  };
  EXPECT_TRUE(learn(event_of(type::changed, "web", "101")));
  EXPECT_EQ(now("demo/web"), "AllContainersReady");
  EXPECT_TRUE(learn(event_of(type::changed, "", "102"))) << "it has lost its label";
  EXPECT_EQ(now("demo/web"), "NoPodOnNode");
  EXPECT_TRUE(learn(event_of(type::changed, "web", "103")));
  EXPECT_EQ(now("demo/web"), "AllContainersReady");
  EXPECT_TRUE(learn(event_of(type::deleted, "web", "104"))) << "the last state of a pod that has gone";
  EXPECT_EQ(now("demo/web"), "NoPodOnNode");
  auto huge = event_of(type::changed, "web", "105");
  for (int i = 0; i < 100; ++i) huge.subject.containers.push_back({std::string(60, 'a')});
  EXPECT_FALSE(learn(huge)) << "more than is kept of one pod";
  EXPECT_EQ(lines.size(), 4U);
}

TEST_F(NodeService, ADrainIsForGood) {
  list("100");
  subject.learn(event_of(kube::watch_event::type::changed, "web", "101"), boottime_clock::now());
  service.drain();
  EXPECT_EQ(now("demo/web"), "Draining");
  EXPECT_TRUE(is_drain(service.answer_now("demo/web")->verdict.reason));
  auto unready = event_of(kube::watch_event::type::changed, "web", "102");
  unready.subject.statuses.front().ready = false;
  subject.learn(unready, boottime_clock::now());
  subject.publish();
  EXPECT_FALSE(is_drain(service.answer_now("demo/web")->verdict.reason)) << "it is down now";
  EXPECT_EQ(now("demo/other"), "NoPodOnNode");
  EXPECT_EQ(now(""), "WorkloadNotNamed");
  EXPECT_TRUE(service.is_draining());
}

}  // namespace
}  // namespace sidecar::node
