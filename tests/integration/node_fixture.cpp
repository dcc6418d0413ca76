#include "node_fixture.hpp"

namespace sidecar::test {

node_fixture::node_fixture() {
  api.allow({.name_space = ""});
  api.behave({.headers_at_once = true});
}

variables node_fixture::on_node(variables options) const {
  options.emplace("MODE", "node");
  options.emplace("NODE_NAME", "node-a");
  return environment(options);
}

std::unique_ptr<daemon> node_fixture::start_on_node(const variables& options) {
  auto started = std::make_unique<daemon>(on_node(options));
  EXPECT_TRUE(api.wait_for_watches(1));
  EXPECT_EQ(started->ask("GET /nodez"), "200 OK");
  return started;
}

std::string ask_workload(const daemon& agent, const std::string& path) {
  http_client client{"127.0.0.1", agent.port()};
  client.send(request("GET " + path));
  const auto answer = client.read_response();
  const auto weight = answer ? answer->field("X-Load-Balancing-Endpoint-Weight") : std::nullopt;
  return summary(answer) + (weight ? " weight " + *weight : "");
}

std::string ask_workload_until(const daemon& agent, const std::string& path, std::string_view answer,
                               std::chrono::milliseconds at_most) {
  return last_answer([&] { return ask_workload(agent, path); }, answer, at_most);
}

}  // namespace sidecar::test
