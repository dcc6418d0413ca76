#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "daemon.hpp"
#include "haproxy_program.hpp"
#include "haproxy_stats.hpp"
#include "own_machine.hpp"
#include "workload.hpp"

/// The files of deploy/haproxy, byte for byte, in front of two nodes with the addresses that they name: real HAProxy,
/// real sidecars with the variables of deploy's components, a stand-in for the API server.
namespace sidecar::test {
namespace {

namespace fs = std::filesystem;

constexpr std::uint16_t front_port = 7778;
constexpr std::uint16_t traffic_port = 31778;
const std::string node_a_address = "192.0.2.11";
const std::string node_b_address = "192.0.2.12";
const fs::path haproxy_directory = "/etc/haproxy";

/// Why this process has no machine of its own; empty if it has one.
std::string& refusal() {
  static std::string reason;
  return reason;
}

void write_file(const fs::path& path, const std::string& text) {
  std::ofstream file{path};
  file << text;
  if (!file.flush()) throw std::runtime_error{"cannot write " + path.string()};
}

/// HAProxy with a file of deploy/haproxy; a second file adds a socket to ask for its state, and nothing else.
class deployed_haproxy {
 public:
  deployed_haproxy(const fs::path& directory, const std::string& file)
      : stats_{directory},
        program_{haproxy_program(),
                 {"-db", "-f", DEPLOY_HAPROXY "/" + file, "-f", write_socket_file(directory)},
                 followed_program::stream::output} {}

  /// The row of game-nodeport/`name` in `show stat`, by column, as soon as `wanted` is true of it or after a time that
  /// is long enough. Ask for all at once: what came of the last check is hidden while another one is under way.
  variables server_when(const std::string& name, const std::function<bool(variables&)>& wanted) const {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    auto row = server(name);
    while (!wanted(row) && std::chrono::steady_clock::now() < until) row = server(name);
    return row;
  }

  /// `status`, or what it is instead after a time that is long enough. Not counted: what HAProxy took for granted
  /// before the first check.
  std::string status_when(const std::string& name, const std::string& status) const {
    auto row = server_when(name, [&](variables& now) { return now["status"] == status && !now["check_code"].empty(); });
    return row["status"];
  }

  /// Waits for a line of its log that came after the one that was waited for last; empty if none comes.
  std::string logged(const std::string& text) { return program_.says(text).value_or(""); }

 private:
  std::string write_socket_file(const fs::path& directory) const {
    const auto path = directory / "socket.cfg";
    write_file(path, "global\n    stats socket " + stats_.path() + "\n");
    return path.string();
  }

  variables server(const std::string& name) const {
    const auto rows = stats_.table("show stat\n", ',');
    if (rows.empty()) return {};  // it has not started yet
    for (const auto& row : rows) {
      if (row.at("pxname") == "game-nodeport" && row.at("svname") == name) return row;
    }
    throw std::runtime_error{"HAProxy knows no server game-nodeport/" + name};
  }

  haproxy_stats stats_;
  followed_program program_;
};

/// A player's TCP session through the frontend.
class played_session {
 public:
  /// The node that serves it, or "cut".
  std::string node() {
    const auto answer = client_->ask("GET / HTTP/1.1\r\n\r\n");
    return answer ? answer->body : "cut";
  }
  /// Waits until the other side ends it.
  bool is_cut() {
    client_->read_until_end();
    return client_->last_end() != read_end::timeout;
  }

 private:
  std::unique_ptr<http_client> client_ = std::make_unique<http_client>("127.0.0.1", front_port);
};

/// Where this many new sessions go.
std::vector<std::string> new_sessions(int count) {
  std::vector<std::string> nodes;
  for (int i = 0; i < count; ++i) nodes.push_back(played_session{}.node());
  return nodes;
}

played_session session_on(const std::string& node) {
  for (int i = 0; i < 10; ++i) {
    played_session one;
    if (one.node() == node) return one;
  }
  throw std::runtime_error{"no session goes to " + node};
}

class DeployHaProxy : public cluster_fixture {
 protected:
  void SetUp() override {
    if (!refusal().empty()) GTEST_SKIP() << "no network of its own for this process: " << refusal();
    token_claims claims;
    claims.pod_name = "game-1";
    claims.pod_uid = "8f0cbe9f-6c42-4a6f-9d7e-2b6a35a1f0c3";
    claims.node_name = "node-b";
    pod_spec spec;
    spec.name = claims.pod_name;
    spec.uid = claims.pod_uid;
    spec.node_name = claims.node_name;
    api.put_pod(pod{spec});
    account_b_ =
        std::make_unique<service_account_files>(directory.path() / "b", api.add_token(claims), api.ca(), "demo");
  }

  /// Both nodes with what deploy/native-sidecar sets and `added` adds, then HAProxy with this file. `{address}` in a
  /// value is the node's.
  void start(const std::string& file, const variables& added = {}) {
    game_a_ = std::make_unique<workload>("node-a", node_a_address, traffic_port);
    game_b_ = std::make_unique<workload>("node-b", node_b_address, traffic_port);
    sidecar_a = start_sidecar(node_a_address, account.path(), added);
    sidecar_b = start_sidecar(node_b_address, account_b_->path(), added);
    balancer = std::make_unique<deployed_haproxy>(directory.path(), file);
  }

  std::unique_ptr<daemon> start_sidecar(const std::string& address, const fs::path& account_directory,
                                        const variables& added) {
    variables options{{"LISTEN", address + ":31313"},
                      {"TARGET_CONTAINER", "game"},
                      {"DRAIN", "0s"},
                      {"ANSWER_TIMEOUT", "900ms"},
                      {"API_TIMEOUT", "2500ms"},
                      {"API_QPS", "10"},
                      {"SERVICE_ACCOUNT_DIR", account_directory.string()}};
    for (const auto& [name, value] : added) options[name] = value == "{agent}" ? address + ":31314" : value;
    return cluster_fixture::start(options);
  }

  /// Certificates where tls.cfg looks for them, and the files of the Secret that deploy/components/tls needs; the
  /// sidecars' one is for `name`.
  variables tls_options(const std::string& name) const {
    const certificate_authority authority{"health"};
    const auto server = authority.issue({.common_name = name, .ip_addresses = {}, .dns_names = {name}});
    const auto client = authority.issue({.common_name = "lb-1", .extended_key_usage = "clientAuth"});
    fs::create_directories(haproxy_directory / "health");
    write_file(haproxy_directory / "health/ca.crt", authority.pem());
    write_file(haproxy_directory / "health/client.pem", client.pem + client.key);
    write_file(directory.path() / "tls.crt", server.pem);
    write_file(directory.path() / "tls.key", server.key);
    write_file(directory.path() / "ca.crt", authority.pem());
    return {{"TLS_CERT", directory.path() / "tls.crt"},
            {"TLS_KEY", directory.path() / "tls.key"},
            {"TLS_CLIENT_CA", directory.path() / "ca.crt"}};
  }

  testing::AssertionResult both_are_up() const {
    for (const char* name : {"node-a", "node-b"}) {
      const auto status = balancer->status_when(name, "UP");
      if (status != "UP") return testing::AssertionFailure() << name << " is " << status;
    }
    return testing::AssertionSuccess();
  }

  std::unique_ptr<daemon> sidecar_a;
  std::unique_ptr<daemon> sidecar_b;
  std::unique_ptr<deployed_haproxy> balancer;

 private:
  std::unique_ptr<service_account_files> account_b_;
  std::unique_ptr<workload> game_a_;
  std::unique_ptr<workload> game_b_;
};

const std::vector<std::string> four_on_b(4, "node-b");
const variables drain_options{{"DRAIN_STATUS", "404"}, {"STALE_GRACE", "10m"}};
const variables agent_options{{"DRAIN_STATUS", "404"}, {"AGENT_LISTEN", "{agent}"}};
const variables watch_options{{"SOURCE", "watch"}, {"STALE_GRACE", "60s"}};

TEST_F(DeployHaProxy, TheHealthCheckTakesANodeOutAndLeavesItsSessions) {
  start("haproxy.cfg");
  ASSERT_TRUE(both_are_up());
  auto player = session_on("node-a");

  api.set_ready("game", false);
  EXPECT_NE(balancer->logged("Server game-nodeport/node-a is DOWN").find("info: \"ContainerNotReady\""),
            std::string::npos);
  EXPECT_EQ(balancer->status_when("node-a", "DOWN"), "DOWN");
  EXPECT_EQ(new_sessions(4), four_on_b);
  EXPECT_EQ(player.node(), "node-a");

  api.set_ready("game", true);
  EXPECT_NE(balancer->logged("Server game-nodeport/node-a is UP"), "");
  EXPECT_TRUE(both_are_up());
}

TEST_F(DeployHaProxy, AWatchTakesANodeOutWithoutACall) {
  start("haproxy.cfg", watch_options);
  ASSERT_TRUE(both_are_up());
  ASSERT_TRUE(api.wait_for_watches(2));
  const auto calls = api.counts().requests;
  api.set_ready("game", false);
  EXPECT_NE(balancer->logged("Server game-nodeport/node-a is DOWN").find("info: \"ContainerNotReady\""),
            std::string::npos);
  EXPECT_EQ(api.counts().requests, calls);
}

TEST_F(DeployHaProxy, ADrainLetsSessionsFinish) {
  start("drain.cfg", drain_options);
  ASSERT_TRUE(both_are_up());
  auto player = session_on("node-a");

  change_pod([](pod& of) { of.terminate(); });
  EXPECT_NE(balancer->logged("Server game-nodeport/node-a is stopping").find("code: 404"), std::string::npos);
  EXPECT_EQ(balancer->status_when("node-a", "NOLB"), "NOLB");
  EXPECT_EQ(new_sessions(4), four_on_b);
  EXPECT_EQ(player.node(), "node-a");

  api.put_pod(pod{});
  EXPECT_TRUE(both_are_up());
  EXPECT_EQ(player.node(), "node-a");
}

TEST_F(DeployHaProxy, ACrashDuringADrainCutsSessions) {
  start("drain.cfg", drain_options);
  ASSERT_TRUE(both_are_up());
  auto player = session_on("node-a");
  change_pod([](pod& of) { of.terminate(); });
  ASSERT_EQ(balancer->status_when("node-a", "NOLB"), "NOLB");

  change_pod([](pod& of) { of.crash("game"); });
  EXPECT_NE(balancer->logged("Server game-nodeport/node-a is DOWN").find("info: \"PodTerminating\""),
            std::string::npos);
  EXPECT_TRUE(player.is_cut());
  EXPECT_EQ(new_sessions(4), four_on_b);
}

TEST_F(DeployHaProxy, AServerThatIsDownDoesNotComeBackToDrain) {
  start("drain.cfg", drain_options);
  ASSERT_TRUE(both_are_up());
  api.set_ready("game", false);
  ASSERT_EQ(balancer->status_when("node-a", "DOWN"), "DOWN");
  change_pod([](pod& of) { of.set_ready("game", true).terminate(); });
  auto server = balancer->server_when("node-a", [](variables& row) { return row["check_code"] == "404"; });
  EXPECT_EQ(server["status"], "DOWN");
}

TEST_F(DeployHaProxy, TheAgentDrainsAndTheCheckDoesNotObject) {
  start("agent.cfg", agent_options);
  ASSERT_TRUE(both_are_up());
  auto player = session_on("node-a");

  change_pod([](pod& of) { of.terminate(); });
  EXPECT_NE(balancer->logged("Server game-nodeport/node-a enters drain state"), "");
  EXPECT_EQ(balancer->status_when("node-a", "NOLB"), "NOLB") << "the column has the check's word";
  EXPECT_EQ(new_sessions(4), four_on_b);
  EXPECT_EQ(player.node(), "node-a");

  api.put_pod(pod{});
  EXPECT_NE(balancer->logged("Server game-nodeport/node-a is UP (leaving forced drain)"), "");
  EXPECT_TRUE(both_are_up());
}

TEST_F(DeployHaProxy, TheAgentSaysDownAndWhyAndTakesItBack) {
  start("agent.cfg", agent_options);
  ASSERT_TRUE(both_are_up());
  api.set_ready("game", false);
  auto server = balancer->server_when("node-a", [](variables& row) { return row["agent_status"] == "L7STS"; });
  EXPECT_EQ(server["status"], "DOWN (agent)");
  EXPECT_EQ(server["last_agt"], "via agent : down (ContainerNotReady)");
  EXPECT_EQ(new_sessions(4), four_on_b);
  api.set_ready("game", true);
  EXPECT_TRUE(both_are_up());
}

TEST_F(DeployHaProxy, WithTheApiServerAwayTheAgentHasNoOpinionAndTheCheckTakesTheNodesOut) {
  auto without_a_hold = agent_options;
  without_a_hold["STALE_GRACE"] = "0";
  start("agent.cfg", without_a_hold);
  ASSERT_TRUE(both_are_up());
  api.stop();
  auto server = balancer->server_when("node-a", [](variables& row) {
    return row["status"] == "DOWN" && row["check_code"] == "500" && row["agent_status"] == "CHECKED";
  });
  EXPECT_EQ(server["status"], "DOWN");
  EXPECT_EQ(server["check_code"], "500");
  EXPECT_EQ(server["agent_status"], "CHECKED") << server["last_agt"];
  api.start();
  EXPECT_TRUE(both_are_up());
}

TEST_F(DeployHaProxy, OverTlsBothSidesShowACertificate) {
  start("tls.cfg", tls_options("game-health"));
  ASSERT_TRUE(both_are_up());
  api.set_ready("game", false);
  EXPECT_NE(balancer->logged("Server game-nodeport/node-a is DOWN").find("info: \"ContainerNotReady\""),
            std::string::npos);
  api.set_ready("game", true);
  EXPECT_TRUE(both_are_up());
}

TEST_F(DeployHaProxy, OverTlsACertificateOfAnotherNameIsDown) {
  start("tls.cfg", tls_options("another"));
  auto server = balancer->server_when(
      "node-a", [](variables& row) { return row["status"] == "DOWN" && row["check_status"] == "L6RSP"; });
  EXPECT_EQ(server["status"], "DOWN");
  EXPECT_EQ(server["check_status"], "L6RSP") << "a handshake that fails";
}

}  // namespace
}  // namespace sidecar::test

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (!GTEST_FLAG_GET(list_tests)) {
    sidecar::test::refusal() = sidecar::test::enter_own_machine(
        {sidecar::test::node_a_address, sidecar::test::node_b_address}, sidecar::test::haproxy_directory);
  }
  return RUN_ALL_TESTS();
}
