#include "sidecar/config/load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "loaded.hpp"

namespace sidecar::config {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(Load, NeedsNothingInAPod) {
  const config out = config_of(in_a_pod());
  EXPECT_TRUE(out.api_server.value().tls);
  EXPECT_EQ(out.api_server->host, "10.96.0.1");
  EXPECT_EQ(out.api_server->port, 443);
  EXPECT_TRUE(out.listen.defaulted);
}

TEST(Load, AFlagGoesBeforeAVariableAndAnEmptyOneIsTheDefault) {
  const struct {
    const char* variable;
    flags given;
    std::chrono::seconds drain;
  } rows[] = {
      {"", {}, 8s},   {"", {{"DRAIN", "3s"}}, 3s},         {"5s", {{"DRAIN", "3s"}}, 3s},
      {"5s", {}, 5s}, {"nonsense", {{"DRAIN", "3s"}}, 3s}, {"5s", {{"DRAIN", ""}}, 8s},
  };
  for (const auto& row : rows)
    EXPECT_EQ(config_of(in_a_pod({{"DRAIN", row.variable}}), row.given).drain, row.drain) << row.variable;
}

TEST(Load, KeepsTheTextsThatItDoesNotJudge) {
  environment variables = in_a_pod({{"TLS_CERT", "/a.crt"}, {"TLS_KEY", "/a.key"}, {"TLS_CLIENT_CA", "/ca.crt"}});
  variables["HOSTNAME"] = "Node_1";
  const config out = config_of(variables);
  EXPECT_EQ(out.hostname + out.tls_cert + out.tls_key + out.tls_client_ca, "Node_1/a.crt/a.key/ca.crt");
}

struct mistake_row {
  environment variables;
  flags given;
  std::vector<std::string> parts;  // what the one mistake says; empty: there is none
};

TEST(Load, SaysOfAMistakeWhatToDo) {
  const std::string state = prefixed("STATE_OVERRIDE");
  const std::string huge(10'000, 'x');
  const mistake_row rows[] = {
      {in_a_pod({{"DRAIN", "5s"}}), {{"DRAIN", "5"}}, {"--drain=\"5\": "}},
      {in_a_pod({{"DRAIN", "\x1b[2J\n" + huge}}), {}, {R"("\x1b[2J\nxxx)"}},
      {in_a_pod({{"API_SERVER", "https://admin:hunter2@10.0.0.1"}}), {}, {"https://***@10.0.0.1"}},
      {in_a_pod({{"STALE_GRAC", "5s"}}), {}, {"did you mean HTTP_HEALTHCHECK_SIDECAR_STALE_GRACE?"}},
      {in_a_pod(), {{"STALE_GRAC", "5s"}}, {"did you mean --stale-grace?"}},
      {in_a_pod({{"CHEESE", ""}}), {}, {}},
      // Outside a cluster.
      {{}, {}, {"KUBERNETES_SERVICE_HOST", "kubectl proxy", "--api-server=http://127.0.0.1:8001"}},
      {{{prefixed("API_SERVER"), "nonsense"}}, {}, {"write https://host"}},
      {{{"KUBERNETES_SERVICE_HOST", "10.96.0.1"}}, {}, {"KUBERNETES_SERVICE_PORT"}},
      {{{"KUBERNETES_SERVICE_PORT", "443"}}, {}, {"KUBERNETES_SERVICE_HOST"}},
      {{{state, "true"}}, {}, {}},
      {{{state, "true"}, {prefixed("DRAIN"), "5"}}, {}, {"_DRAIN"}},
      {{{state, "true"}, {"KUBERNETES_SERVICE_PORT", "x"}}, {}, {"KUBERNETES_SERVICE_PORT=\"x\": "}},
      // The rate.
      {in_a_pod({{"API_QPS", "10"}, {"ANSWER_TIMEOUT", "200ms"}}), {}, {}},
      {in_a_pod({{"API_QPS", "0"}, {"ANSWER_TIMEOUT", "10ms"}}), {}, {}},
      {in_a_pod({{"API_QPS", "2"}}), {}, {"_API_QPS=\"2\"", "write at least 2.23"}},
      {in_a_pod({{"API_QPS", "2.23"}}), {}, {}},
      {in_a_pod(), {{"ANSWER_TIMEOUT", "199ms"}}, {"--answer-timeout=\"199ms\"", "write at least 200ms"}},
      {in_a_pod({{"API_QPS", "1"}, {"ANSWER_TIMEOUT", "5"}}), {}, {"_ANSWER_TIMEOUT"}},
      // What to write for options that do not go together.
      {in_a_pod({{"TLS_KEY", "/k"}}), {}, {"in TLS_CERT, or remove this"}},
      {in_a_pod({{"TLS_CLIENT_CA", "/ca"}}), {}, {"in TLS_CERT, or remove this"}},
      {in_a_pod({{"REQUIRE", "pod"}, {"TARGET_CONTAINER", "game"}}),
       {},
       {"remove TARGET_CONTAINER, or write containers here"}},
      {in_a_pod({{"MODE", "node"}}), {}, {"set HTTP_HEALTHCHECK_SIDECAR_NODE_NAME"}},
      {in_a_pod({{"NODE_NAME", "node-a"}}), {}, {"set MODE to node, or remove this"}},
      {in_a_pod({{"MODE", "node"}, {"NODE_NAME", "node-a"}}), {}, {}},
      {in_a_pod({{"MODE", "node"}, {"NODE_NAME", "node-a"}, {"REQUIRE", "pod"}, {"TARGET_NAMESPACE", "games"}}),
       {},
       {}},
      {in_a_pod({{"MODE", "node"}, {"NODE_NAME", "node-a"}, {"TARGET_CONTAINER", "game"}}), {}, {"in the path"}},
      {in_a_pod({{"MODE", "node"}, {"NODE_NAME", "node-a"}, {"TARGET_POD_OVERRIDE", "game-0"}}),
       {},
       {"label the pods"}},
      {in_a_pod({{"MODE", "node"}, {"NODE_NAME", "node-a"}, {"STATE_OVERRIDE", "true"}}), {}, {"maintenance=true"}},
      {in_a_pod({{"MODE", "node"}, {"NODE_NAME", "node-a"}, {"SOURCE", "live"}}), {}, {"always watches"}},
      {in_a_pod({{"MAINTENANCE_LABEL", "None"}}), {}, {"write none, in lower case"}},
      {in_a_pod({{"MAINTENANCE_LABEL", "false"}}), {}, {"write none, in lower case"}},
      {in_a_pod({{"MAINTENANCE_LABEL", "none"}}), {}, {}},
      {in_a_pod({{"MODE", "node"}, {"NODE_NAME", "node-a"}, {"MAINTENANCE_LABEL", "health-sidecar/name"}}),
       {},
       {"names the workloads"}},
      {in_a_pod({{"MODE", "node"}, {"NODE_NAME", "node-a"}, {"NODE_DRAIN", "false"}}), {}, {}},
      {in_a_pod({{"MODE", "node"}, {"NODE_NAME", "node-a"}, {"NODE_DRAIN", "false"}, {"NODE_DRAIN_TAINTS", "spot"}}),
       {},
       {"set NODE_DRAIN to true"}},
      {in_a_pod({{"MODE", "node"}, {"NODE_NAME", "node-a"}, {"NODE_DRAIN", "true"}}), {}, {}},
      {in_a_pod({{"MODE", "node"}, {"NODE_NAME", "node-a"}, {"NODE_DRAIN_TAINTS", "spot"}}), {}, {}},
      {in_a_pod({{"NODE_DRAIN_TAINTS", "spot"}}), {}, {"set NODE_DRAIN to true, or remove this"}},
      {in_a_pod({{"NODE_DRAIN", "yes"}, {"NODE_DRAIN_TAINTS", "spot"}}), {}, {"true, false"}},
      {in_a_pod({{"NODE_DRAIN", "true"}, {"NODE_DRAIN_TAINTS", "spot:NoSchedule"}}),
       {},
       {"without values and effects"}},
      {in_a_pod({{"NODE_DRAIN", "true"}, {"NODE_DRAIN_TAINTS", "a,,b"}}), {}, {"write the keys of taints"}},
      {in_a_pod({{"NODE_DRAIN", "true"}, {"NODE_DRAIN_TAINTS", "NONE"}}), {}, {"none stands alone"}},
      {in_a_pod({{"NODE_DRAIN", "true"}, {"NODE_DRAIN_TAINTS", "false"}}), {}, {"none stands alone"}},
      {in_a_pod({{"NODE_DRAIN", "true"}, {"NODE_DRAIN_TAINTS", "spot,none"}}), {}, {"none stands alone"}},
      {in_a_pod(
           {{"NODE_DRAIN", "true"}, {"NODE_DRAIN_TAINTS", "node.kubernetes.io/exclude-from-external-load-balancers"}}),
       {},
       {"this is a label"}},
      {in_a_pod({{"NODE_DRAIN", "true"}, {"NODE_DRAIN_TAINTS", "node.kubernetes.io/unschedulable"}}),
       {},
       {"a cordoned node still serves"}},
      {in_a_pod({{"AGENT_LISTEN", ":3000"}}), {}, {"such as :3001"}},
      {in_a_pod({{"LISTEN", ":65535"}, {"AGENT_LISTEN", ":65535"}}), {}, {"such as :3001"}},
      {in_a_pod({{"STATUS_LISTEN", "[::]:3000"}}), {}, {"LISTEN has that port already", "such as [::]:3001"}},
      {in_a_pod({{"AGENT_LISTEN", ":3001"}, {"STATUS_LISTEN", "127.0.0.1:3001"}}),
       {},
       {"AGENT_LISTEN has that port already", "such as 127.0.0.1:3002"}},
      {in_a_pod({{"AGENT_LISTEN", ":3001"}, {"STATUS_LISTEN", "0.0.0.0:3000"}}), {}, {"such as 0.0.0.0:3002"}},
      {in_a_pod({{"STATUS_PAGE", "false"}}), {}, {"write its address in STATUS_LISTEN, such as 127.0.0.1:3002"}},
      {in_a_pod({{"STATUS_HOSTS", "a.example"}}), {}, {"write its address in STATUS_LISTEN"}},
  };
  for (const auto& row : rows) {
    const auto found = errors_of(row.variables, row.given);
    ASSERT_EQ(found.size(), row.parts.empty() ? 0U : 1U) << joined(found) << testing::PrintToString(row.variables);
    for (const auto& part : row.parts) EXPECT_THAT(found[0], HasSubstr(part));
    EXPECT_THAT(joined(found), Not(HasSubstr("hunter2")));
    EXPECT_LT(joined(found).size(), 400U);
  }
}

TEST(Load, ReportsEveryMistakeAtOnce) {
  const environment variables = in_a_pod({{"STALE_GRACE", "5"},
                                          {"UNHEALTHY_STATUS", "200"},
                                          {"TARGET_NAMESPACE", "../secrets/x"},
                                          {"API_QPS", "1"},
                                          {"CHEESE", "brie"}});
  EXPECT_THAT(errors_of(variables, {{"LOG_LEVEL", "INFO"}}),
              testing::UnorderedElementsAre(
                  StartsWith(prefixed("STALE_GRACE=\"5\": ")), StartsWith(prefixed("UNHEALTHY_STATUS=\"200\": ")),
                  StartsWith(prefixed("TARGET_NAMESPACE=\"../secrets/x\": ")), StartsWith(prefixed("API_QPS=\"1\": ")),
                  StartsWith(prefixed("CHEESE=\"brie\": ")), StartsWith("--log-level=\"INFO\": ")));
}

TEST(Load, IgnoresVariablesOfOthers) {
  environment variables = in_a_pod();
  variables["HTTP_HEALTHCHECK_SIDECARS"] = "x";
  variables["http_healthcheck_sidecar_drain"] = "x";
  variables["PATH"] = "/bin";
  EXPECT_THAT(errors_of(variables), testing::IsEmpty());
}

TEST(Load, AnApiServerGoesBeforeTheClustersVariables) {
  environment variables = in_a_pod({{"API_SERVER", "https://api.example.com:6443"}});
  variables["KUBERNETES_SERVICE_PORT"] = "nonsense";
  EXPECT_EQ(config_of(variables).api_server->host, "api.example.com");
  EXPECT_EQ(config_of({{prefixed("API_SERVER"), "http://127.0.0.1:8001"}}).api_server->port, 8001);
}

TEST(Load, AStateOverrideNeedsNoClusterAndIsKeptAsItIs) {
  const config out = config_of({{prefixed("STATE_OVERRIDE"), " True\n"}});
  EXPECT_EQ(out.state_override, " True\n");
  EXPECT_FALSE(out.api_server.has_value());
}

TEST(Load, TheDrainStatusIsTheUnhealthyStatusUnlessTold) {
  EXPECT_EQ(config_of(in_a_pod()).drain_status, 500);
  EXPECT_EQ(config_of(in_a_pod({{"UNHEALTHY_STATUS", "503"}})).drain_status, 503);
  EXPECT_EQ(config_of(in_a_pod({{"UNHEALTHY_STATUS", "503"}, {"DRAIN_STATUS", "404"}})).drain_status, 404);
  EXPECT_EQ(config_of(in_a_pod({{"DRAIN_STATUS", "404"}}), {{"DRAIN_STATUS", ""}}).drain_status, 500);
}

struct conflict_row {
  flags options;
  std::vector<std::string> blamed;  // empty: they go together
};
const std::vector<conflict_row> together{
    {{{"TLS_CERT", "/c"}, {"TLS_KEY", "/k"}}, {}},
    {{{"TLS_CERT", "/c"}}, {}},
    {{{"TLS_KEY", "/k"}}, {"TLS_KEY"}},
    {{{"TLS_CERT", "/c"}, {"TLS_KEY", "k"}}, {"TLS_KEY"}},
    {{{"TLS_CERT", "c"}, {"TLS_KEY", "/k"}}, {"TLS_CERT"}},
    {{{"TLS_CLIENT_CA", "/ca"}}, {"TLS_CLIENT_CA"}},
    {{{"TLS_KEY", "/k"}, {"TLS_CLIENT_CA", "/ca"}}, {"TLS_KEY", "TLS_CLIENT_CA"}},
    {{{"TLS_CERT", "c"}, {"TLS_KEY", "/k"}, {"TLS_CLIENT_CA", "/ca"}}, {"TLS_CERT"}},
    {{{"REQUIRE", "pod"}, {"TARGET_CONTAINER", "game"}}, {"REQUIRE"}},
    {{{"REQUIRE", "pod"}, {"TARGET_CONTAINER", "a/b"}}, {"TARGET_CONTAINER"}},
    {{{"REQUIRE", "containers"}, {"TARGET_CONTAINER", "game"}}, {}},
    {{{"AGENT_LISTEN", ":3001"}}, {}},
    {{{"AGENT_LISTEN", ":3000"}}, {"AGENT_LISTEN"}},
    {{{"AGENT_LISTEN", "127.0.0.1:3000"}}, {"AGENT_LISTEN"}},
    {{{"LISTEN", "[::1]:80"}, {"AGENT_LISTEN", "[::1]:80"}}, {"AGENT_LISTEN"}},
    {{{"LISTEN", "127.0.0.1:80"}, {"AGENT_LISTEN", "127.0.0.2:80"}}, {}},
    {{{"LISTEN", "127.0.0.1:80"}, {"AGENT_LISTEN", "0.0.0.0:80"}}, {"AGENT_LISTEN"}},
    {{{"LISTEN", "0.0.0.0:80"}, {"AGENT_LISTEN", "[::1]:80"}}, {}},
    {{{"LISTEN", ":0"}, {"AGENT_LISTEN", ":0"}}, {}},
    {{{"LISTEN", "3000"}, {"AGENT_LISTEN", ":3000"}}, {"LISTEN"}},
    {{{"STATUS_LISTEN", "[::]:3002"}, {"AGENT_LISTEN", ":3001"}}, {}},
    {{{"STATUS_LISTEN", "127.0.0.1:3000"}}, {"STATUS_LISTEN"}},
    {{{"STATUS_LISTEN", "127.0.0.1:3001"}, {"AGENT_LISTEN", ":3001"}}, {"STATUS_LISTEN"}},
    {{{"STATUS_LISTEN", "127.0.0.1:3001"}, {"AGENT_LISTEN", "127.0.0.2:3001"}}, {}},
    {{{"STATUS_LISTEN", "[::]:3000"}, {"AGENT_LISTEN", ":3000"}}, {"AGENT_LISTEN", "STATUS_LISTEN"}},
    {{{"STATUS_LISTEN", "[::]:3001"}, {"AGENT_LISTEN", "3001"}}, {"AGENT_LISTEN"}},
    {{{"STATUS_LISTEN", ":3000"}}, {"STATUS_LISTEN"}},
    {{{"STATUS_LISTEN", "[::]:0"}, {"LISTEN", ":0"}}, {}},
    {{{"STATUS_PAGE", "false"}}, {"STATUS_PAGE"}},
    {{{"STATUS_PAGE", "true"}, {"STATUS_HOSTS", "a.example"}}, {"STATUS_PAGE", "STATUS_HOSTS"}},
    {{{"STATUS_PAGE", "no"}}, {"STATUS_PAGE"}},
    {{{"STATUS_PAGE", "false"}, {"STATUS_HOSTS", "a.example"}, {"STATUS_LISTEN", "[::]:3002"}}, {}},
    {{{"STATUS_PAGE", "false"}, {"STATUS_LISTEN", ":3002"}}, {"STATUS_LISTEN"}},
    {{{"AGENT_LISTEN", "3000"}}, {"AGENT_LISTEN"}},
};

TEST(OptionsTogether, GoOrAreOneMistakeForEachThatDoesNot) {
  for (const auto& row : together) {
    std::vector<testing::Matcher<std::string>> expected;
    for (const std::string& name : row.blamed) expected.emplace_back(StartsWith(prefixed(name) + "=\""));
    EXPECT_THAT(errors_of(in_a_pod(row.options)), testing::ElementsAreArray(expected))
        << testing::PrintToString(row.options);
  }
}

}  // namespace
}  // namespace sidecar::config
