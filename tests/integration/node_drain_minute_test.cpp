#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "node_drain_fixture.hpp"

/// What reading the node costs the API server in a minute, and what comes at the next read of it. These wait nearly all
/// their time: each has a cluster of its own, and all of them wait at once.
namespace sidecar::test {
namespace {

using namespace std::chrono_literals;

class drain_minute : public node_drain_fixture {
 public:
  void TestBody() override {}

  void expect_few_requests(drain_mode mode);
  void expect_one_request_if_forbidden();
  void expect_a_read_every_ten_seconds();

 private:
  /// Between the reads of the node.
  std::vector<std::chrono::steady_clock::duration> pauses() const {
    std::vector<std::chrono::steady_clock::duration> found;
    const auto reads = api.node_requests();
    for (std::size_t i = 1; i < reads.size(); ++i) found.push_back(reads[i].when - reads[i - 1].when);
    return found;
  }
};

void drain_minute::expect_few_requests(drain_mode mode) {
  const bool is_live = mode == drain_mode::live;
  const auto target = start_watching_in(mode, {{"API_QPS", "10"}, {"API_TIMEOUT", "2500ms"}});
  ASSERT_EQ(target.ask(), "200 OK");
  api.forget();
  const std::uint64_t most = is_live ? 8 : 4;
  EXPECT_FALSE(api.wait_for([=](const server_counts& now) { return now.nodes.requests > most; }, 60s));
  const auto counts = api.counts().nodes;
  EXPECT_GE(counts.requests, is_live ? 6U : 1U) << "it is read";
  EXPECT_EQ(is_live ? counts.gets : counts.lists + counts.watch_requests, counts.requests);
  if (is_live) {
    for (const auto pause : pauses()) EXPECT_LE(pause, 10s);
  } else {
    EXPECT_EQ(counts.watching, 1U);
  }
  operators_label().put(api);
  EXPECT_EQ(target.ask_until(drains, 20s), drains) << "after all that";
}

/// And what it says counts once it may be read.
void drain_minute::expect_one_request_if_forbidden() {
  operators_label().put(api);
  api.allow_nodes({});
  auto target = start_in(drain_mode::live);
  ASSERT_EQ(target.ask(), "200 OK");
  EXPECT_FALSE(more_node_requests(1, 50s));
  api.allow_nodes();
  EXPECT_TRUE(more_node_requests(1, 40s));
  EXPECT_NE(target.program().logged("the node can be read"), "");
  EXPECT_EQ(target.ask_until(drains), drains);
  EXPECT_EQ(target.program().stop_and_read("may not read the node").size(), 1U);
}

/// So a drain is known at most ten seconds later, and so is its end.
void drain_minute::expect_a_read_every_ten_seconds() {
  const auto target = start_in(drain_mode::live);
  ASSERT_EQ(target.ask(), "200 OK");
  ASSERT_EQ(api.counts().nodes.gets, 1U);
  for (const auto& [change, wanted] : {std::pair{&node_mark::put, drains}, {&node_mark::take, std::string{"200 OK"}}}) {
    (operators_label().*change)(api);
    ASSERT_TRUE(more_node_requests(1, 30s));
    EXPECT_LE(pauses().back(), 10s);
    EXPECT_EQ(target.ask_until(wanted), wanted);
  }
  EXPECT_EQ(api.counts().nodes.lists + api.counts().nodes.watch_requests, 0U);
}

TEST(NodeDrainMinute, IsWaitedForByAllAtOnce) {
  const std::pair<const char*, std::function<void(drain_minute&)>> rows[] = {
      {"few requests: live", [](drain_minute& of) { of.expect_few_requests(drain_mode::live); }},
      {"few requests: watch", [](drain_minute& of) { of.expect_few_requests(drain_mode::watch); }},
      {"few requests: node", [](drain_minute& of) { of.expect_few_requests(drain_mode::node); }},
      {"forbidden", &drain_minute::expect_one_request_if_forbidden},
      {"a read every ten seconds", &drain_minute::expect_a_read_every_ten_seconds},
  };
  // googletest's fixtures are made and destroyed by one thread: they save and restore its flags.
  std::vector<std::unique_ptr<drain_minute>> clusters;
  std::vector<std::future<void>> waits;
  for (const auto& [name, run] : rows) {
    auto& of = *clusters.emplace_back(std::make_unique<drain_minute>());
    waits.push_back(std::async(std::launch::async, [&of, name = name, &run = run] {
      SCOPED_TRACE(name);
      run(of);
    }));
  }
  for (auto& one : waits) one.get();
}

}  // namespace
}  // namespace sidecar::test
