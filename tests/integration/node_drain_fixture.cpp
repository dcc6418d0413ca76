#include "node_drain_fixture.hpp"

#include <utility>

namespace sidecar::test {
namespace {

std::function<void(api_server&)> changing(std::function<void(node&)> change, const std::string& name = "node-a") {
  return [change = std::move(change), name](api_server& api) { api.update_node(name, change); };
}

node_mark taint(const std::string& name, bool is_leaving, const std::string& key, const std::string& value = {},
                const std::string& effect = "NoSchedule") {
  return {name, is_leaving, changing([=](node& of) { of.set_taint(key, value, effect); }),
          changing([=](node& of) { of.remove_taint(key); })};
}

node_mark label(const std::string& name, bool is_leaving, const std::string& key, const std::string& value) {
  return {name, is_leaving, changing([=](node& of) { of.set_label(key, value); }),
          changing([=](node& of) { of.remove_label(key); })};
}

void put_another(api_server& api) {
  api.put_node(node{node_spec{.uid = "00000000-0000-4000-8000-000000000002", .created = "2026-11-29T04:00:00Z"}});
}

std::vector<node_mark> make_marks() {
  return {
      taint("AutoscalersTaint", true, autoscaler_taint, "1764480000"),
      label("Label", true, exclude_label, "true"),
      {"Deletion", true, changing([](node& of) { of.terminate(); }), put_another},
      {"Gone", true, [](api_server& api) { api.delete_node(); }, put_another},
      {"Cordon", false, changing([](node& of) { of.cordon(); }), changing([](node& of) { of.uncordon(); })},
      {"OtherNode", false,
       [](api_server& api) {
         node other{node_spec{.name = "node-b"}};
         api.put_node(other.set_taint(autoscaler_taint).set_label(exclude_label, "true"));
       },
       [](api_server& api) { api.delete_node("node-b"); }},
      {"Nothing", false, [](api_server&) {}, [](api_server&) {}},
  };
}

}  // namespace

std::string name_of(drain_mode mode) {
  return mode == drain_mode::live ? "Live" : mode == drain_mode::watch ? "Watch" : "Node";
}

const std::vector<node_mark>& node_marks() {
  static const auto marks = make_marks();
  return marks;
}

std::vector<node_mark> leaving_marks() {
  auto marks = node_marks();
  std::erase_if(marks, [](const node_mark& mark) { return !mark.is_leaving; });
  return marks;
}

const node_mark& operators_label() {
  static const auto mark = label("Label", true, exclude_label, "true");
  return mark;
}

std::string asked_target::ask() const {
  const auto answer = program_->response_to(request("GET " + path_));
  return summary(answer) + (answer.field("X-Health-Drain") == "true" ? " drain" : "");
}

std::string asked_target::ask_until(std::string_view answer, std::chrono::milliseconds at_most) const {
  return last_answer([this] { return ask(); }, answer, at_most);
}

node_drain_fixture::node_drain_fixture() {
  change_pod([](pod& of) { of.set_label(workload_label, "game"); });
}

variables node_drain_fixture::drain_options(drain_mode mode, variables options) const {
  options.emplace("DRAIN_STATUS", "404");
  if (mode == drain_mode::node) return on_node(std::move(options));
  options.emplace("NODE_DRAIN", "true");
  if (mode == drain_mode::watch) options.emplace("SOURCE", "watch");
  return environment(options);
}

asked_target node_drain_fixture::start_in(drain_mode mode, const variables& options) const {
  return {drain_options(mode, options), mode == drain_mode::node ? "/healthz/demo/game" : "/healthz"};
}

asked_target node_drain_fixture::start_watching_in(drain_mode mode, const variables& options) {
  auto started = start_in(mode, options);
  if (mode != drain_mode::live) {
    EXPECT_TRUE(api.wait_for_watches(1));
    EXPECT_TRUE(api.wait_for_node_watches(1));
  }
  return started;
}

void node_drain_fixture::expect_node_events(std::uint64_t count, const std::function<void()>& cause) {
  const auto before = api.counts().nodes.events;
  cause();
  EXPECT_TRUE(api.wait_for([&](const server_counts& now) { return now.nodes.events >= before + count; }));
}

testing::AssertionResult node_drain_fixture::more_node_requests(std::uint64_t count,
                                                                std::chrono::milliseconds at_most) {
  const auto enough = api.counts().nodes.requests + count;
  if (api.wait_for([&](const server_counts& now) { return now.nodes.requests >= enough; }, at_most)) {
    return testing::AssertionSuccess();
  }
  return testing::AssertionFailure() << "only " << api.counts().nodes.requests << " requests for nodes, not " << enough;
}

}  // namespace sidecar::test
