#include "sidecar/config/load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "loaded.hpp"

namespace sidecar::config {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

TEST(Load, NeedsNothingInAPod) {
  const config out = config_of(in_a_pod());
  ASSERT_TRUE(out.api_server.has_value());
  EXPECT_TRUE(out.api_server->tls);
  EXPECT_EQ(out.api_server->host, "10.96.0.1");
  EXPECT_EQ(out.api_server->port, 443);
  EXPECT_TRUE(out.listen.defaulted);
}

TEST(Load, ReadsFlags) { EXPECT_EQ(config_of(in_a_pod(), {{"DRAIN", "3s"}}).drain, 3s); }

TEST(Load, PrefersFlagsToVariables) { EXPECT_EQ(config_of(in_a_pod({{"DRAIN", "5s"}}), {{"DRAIN", "3s"}}).drain, 3s); }

TEST(Load, DoesNotLookAtAVariableThatAFlagReplaces) {
  EXPECT_EQ(config_of(in_a_pod({{"DRAIN", "nonsense"}}), {{"DRAIN", "3s"}}).drain, 3s);
}

TEST(Load, TakesAnEmptyVariableForUnset) { EXPECT_EQ(config_of(in_a_pod({{"DRAIN", ""}})).drain, 8s); }

TEST(Load, TakesAnEmptyFlagForTheDefaultWhateverTheVariableSays) {
  EXPECT_EQ(config_of(in_a_pod({{"DRAIN", "5s"}}), {{"DRAIN", ""}}).drain, 8s);
}

TEST(Load, KeepsHostnameAsItIs) {
  environment variables = in_a_pod();
  variables["HOSTNAME"] = "Node_1";
  EXPECT_EQ(config_of(variables).hostname, "Node_1");
}

TEST(Load, ReportsEveryMistakeAtOnce) {
  const environment variables = in_a_pod({{"STALE_GRACE", "5"},
                                          {"UNHEALTHY_STATUS", "200"},
                                          {"TARGET_NAMESPACE", "../secrets/x"},
                                          {"API_QPS", "1"},
                                          {"CHEESE", "brie"}});
  EXPECT_THAT(errors_of(variables, {{"LOG_LEVEL", "INFO"}}),
              testing::UnorderedElementsAre(StartsWith("HTTP_HEALTHCHECK_SIDECAR_STALE_GRACE=\"5\": "),
                                            StartsWith("HTTP_HEALTHCHECK_SIDECAR_UNHEALTHY_STATUS=\"200\": "),
                                            StartsWith("HTTP_HEALTHCHECK_SIDECAR_TARGET_NAMESPACE=\"../secrets/x\": "),
                                            StartsWith("HTTP_HEALTHCHECK_SIDECAR_API_QPS=\"1\": "),
                                            StartsWith("HTTP_HEALTHCHECK_SIDECAR_CHEESE=\"brie\": "),
                                            StartsWith("--log-level=\"INFO\": ")));
}

TEST(Load, NamesTheFlagWhenTheFlagIsWrong) {
  EXPECT_THAT(errors_of(in_a_pod({{"DRAIN", "5s"}}), {{"DRAIN", "5"}}), ElementsAre(StartsWith("--drain=\"5\": ")));
}

TEST(Load, ShowsAWrongValuePrintableAndShort) {
  const auto found = errors_of(in_a_pod({{"DRAIN", "\x1b[2J\n" + std::string(10'000, 'x')}}));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_THAT(found[0], HasSubstr(R"("\x1b[2J\nxxx)"));
  EXPECT_LT(found[0].size(), 400U);
}

TEST(Load, NeverRepeatsThePasswordOfAUrl) {
  EXPECT_THAT(errors_of(in_a_pod({{"API_SERVER", "https://admin:hunter2@10.0.0.1"}})),
              ElementsAre(testing::AllOf(HasSubstr("https://***@10.0.0.1"), Not(HasSubstr("hunter2")))));
}

TEST(Load, SuggestsTheNearestNameForAnUnknownVariable) {
  EXPECT_THAT(errors_of(in_a_pod({{"STALE_GRAC", "5s"}})),
              ElementsAre(HasSubstr("did you mean HTTP_HEALTHCHECK_SIDECAR_STALE_GRACE?")));
}

TEST(Load, SuggestsTheNearestNameForAnUnknownFlag) {
  EXPECT_THAT(errors_of(in_a_pod(), {{"STALE_GRAC", "5s"}}), ElementsAre(HasSubstr("did you mean --stale-grace?")));
}

TEST(Load, IgnoresVariablesOfOthersAndEmptyUnknownOnes) {
  environment variables = in_a_pod({{"CHEESE", ""}});
  variables["HTTP_HEALTHCHECK_SIDECARS"] = "x";
  variables["http_healthcheck_sidecar_drain"] = "x";
  variables["PATH"] = "/bin";
  EXPECT_THAT(errors_of(variables), IsEmpty());
}

TEST(LoadOutsideACluster, SaysWhatToDo) {
  EXPECT_THAT(errors_of({}),
              ElementsAre(testing::AllOf(HasSubstr("KUBERNETES_SERVICE_HOST"), HasSubstr("kubectl proxy"),
                                         HasSubstr("--api-server=http://127.0.0.1:8001"))));
}

TEST(LoadOutsideACluster, TakesAnApiServer) {
  EXPECT_EQ(config_of({{prefixed("API_SERVER"), "http://127.0.0.1:8001"}}).api_server->port, 8001);
}

TEST(LoadOutsideACluster, ReportsAWrongApiServerAndNothingElse) {
  EXPECT_THAT(errors_of({{prefixed("API_SERVER"), "nonsense"}}), ElementsAre(HasSubstr("write https://host")));
}

TEST(LoadOfTheCluster, PrefersAnApiServerAndThenIgnoresTheVariables) {
  environment variables = in_a_pod({{"API_SERVER", "https://api.example.com:6443"}});
  variables["KUBERNETES_SERVICE_PORT"] = "nonsense";
  EXPECT_EQ(config_of(variables).api_server->host, "api.example.com");
}

TEST(LoadOfTheCluster, NeedsHostAndPort) {
  EXPECT_THAT(errors_of({{"KUBERNETES_SERVICE_HOST", "10.96.0.1"}}), ElementsAre(HasSubstr("KUBERNETES_SERVICE_PORT")));
  EXPECT_THAT(errors_of({{"KUBERNETES_SERVICE_PORT", "443"}}), ElementsAre(HasSubstr("KUBERNETES_SERVICE_HOST")));
}

TEST(LoadWithStateOverride, NeedsNoClusterAndKeepsTheValueAsItIs) {
  const config out = config_of({{prefixed("STATE_OVERRIDE"), " True\n"}});
  EXPECT_EQ(out.state_override, " True\n");
  EXPECT_FALSE(out.api_server.has_value());
}

TEST(LoadWithStateOverride, StillChecksWhatIsGiven) {
  EXPECT_THAT(errors_of({{prefixed("STATE_OVERRIDE"), "true"}, {prefixed("DRAIN"), "5"}}),
              ElementsAre(HasSubstr("_DRAIN")));
  EXPECT_THAT(errors_of({{prefixed("STATE_OVERRIDE"), "true"}, {"KUBERNETES_SERVICE_PORT", "x"}}),
              ElementsAre(StartsWith("KUBERNETES_SERVICE_PORT=\"x\": ")));
}

TEST(LoadOfTheRate, AcceptsTheLargestGapThatLeavesHalfOfTheTime) {
  EXPECT_EQ(config_of(in_a_pod({{"API_QPS", "10"}, {"ANSWER_TIMEOUT", "200ms"}})).api_qps, 10);
  EXPECT_EQ(config_of(in_a_pod({{"API_QPS", "0"}, {"ANSWER_TIMEOUT", "10ms"}})).api_qps, 0);
}

TEST(LoadOfTheRate, BlamesTheRateAndSaysWhichWouldDo) {
  EXPECT_THAT(errors_of(in_a_pod({{"API_QPS", "2"}})),
              ElementsAre(testing::AllOf(HasSubstr("_API_QPS=\"2\""), HasSubstr("write at least 2.23"))));
  EXPECT_EQ(config_of(in_a_pod({{"API_QPS", "2.23"}})).api_qps, 2.23);
}

TEST(LoadOfTheRate, BlamesTheTimeoutWhenThatAloneWasGiven) {
  EXPECT_THAT(errors_of(in_a_pod(), {{"ANSWER_TIMEOUT", "199ms"}}),
              ElementsAre(testing::AllOf(HasSubstr("--answer-timeout=\"199ms\""), HasSubstr("write at least 200ms"))));
}

TEST(LoadOfTheRate, IsNotComparedWithATimeoutThatCouldNotBeRead) {
  EXPECT_THAT(errors_of(in_a_pod({{"API_QPS", "1"}, {"ANSWER_TIMEOUT", "5"}})),
              ElementsAre(HasSubstr("_ANSWER_TIMEOUT")));
}

TEST(LoadOfTheDrainStatus, TakesTheUnhealthyStatusUnlessTold) {
  EXPECT_EQ(config_of(in_a_pod()).drain_status, 500);
  EXPECT_EQ(config_of(in_a_pod({{"UNHEALTHY_STATUS", "503"}})).drain_status, 503);
  EXPECT_EQ(config_of(in_a_pod({{"UNHEALTHY_STATUS", "503"}, {"DRAIN_STATUS", "404"}})).drain_status, 404);
  EXPECT_EQ(config_of(in_a_pod({{"DRAIN_STATUS", "404"}}), {{"DRAIN_STATUS", ""}}).drain_status, 500);
}

TEST(LoadOfTls, KeepsTheFilesNames) {
  const config out =
      config_of(in_a_pod({{"TLS_CERT", "/tls/a.crt"}, {"TLS_KEY", "/tls/a.key"}, {"TLS_CLIENT_CA", "/tls/ca.crt"}}));
  EXPECT_EQ(out.tls_cert, "/tls/a.crt");
  EXPECT_EQ(out.tls_key, "/tls/a.key");
  EXPECT_EQ(out.tls_client_ca, "/tls/ca.crt");
}

struct conflict_row {
  std::string name;
  flags options;
  std::vector<std::string> blamed;  // empty: they go together
};
void PrintTo(const conflict_row& one, std::ostream* out) { *out << one.name; }

class OptionsTogether : public testing::TestWithParam<conflict_row> {};

TEST_P(OptionsTogether, GoOrAreOneMistakeForEachThatDoesNot) {
  std::vector<testing::Matcher<std::string>> expected;
  expected.reserve(GetParam().blamed.size());
  for (const std::string& name : GetParam().blamed) expected.emplace_back(StartsWith(prefixed(name) + "=\""));
  EXPECT_THAT(errors_of(in_a_pod(GetParam().options)), testing::ElementsAreArray(expected));
}

const std::vector<conflict_row> together{
    {"CertificateAndKey", {{"TLS_CERT", "/c"}, {"TLS_KEY", "/k"}}, {}},
    {"CertificateAlone", {{"TLS_CERT", "/c"}}, {}},
    {"KeyAlone", {{"TLS_KEY", "/k"}}, {"TLS_KEY"}},
    {"CertificateWithARefusedKey", {{"TLS_CERT", "/c"}, {"TLS_KEY", "k"}}, {"TLS_KEY"}},
    {"KeyWithARefusedCertificate", {{"TLS_CERT", "c"}, {"TLS_KEY", "/k"}}, {"TLS_CERT"}},
    {"ClientCaAlone", {{"TLS_CLIENT_CA", "/ca"}}, {"TLS_CLIENT_CA"}},
    {"ClientCaAndKey", {{"TLS_KEY", "/k"}, {"TLS_CLIENT_CA", "/ca"}}, {"TLS_KEY", "TLS_CLIENT_CA"}},
    {"ClientCaWithARefusedCertificate", {{"TLS_CERT", "c"}, {"TLS_KEY", "/k"}, {"TLS_CLIENT_CA", "/ca"}}, {"TLS_CERT"}},
    {"PodAndContainer", {{"REQUIRE", "pod"}, {"TARGET_CONTAINER", "game"}}, {"REQUIRE"}},
    {"PodAndARefusedContainer", {{"REQUIRE", "pod"}, {"TARGET_CONTAINER", "a/b"}}, {"TARGET_CONTAINER"}},
    {"ContainersAndContainer", {{"REQUIRE", "containers"}, {"TARGET_CONTAINER", "game"}}, {}},
    {"AgentOnTheNextPort", {{"AGENT_LISTEN", ":3001"}}, {}},
    {"AgentOnTheDefaultPort", {{"AGENT_LISTEN", ":3000"}}, {"AGENT_LISTEN"}},
    {"AgentOnOneAddressOfTheDefaultPort", {{"AGENT_LISTEN", "127.0.0.1:3000"}}, {"AGENT_LISTEN"}},
    {"AgentOnTheSameAddress", {{"LISTEN", "[::1]:80"}, {"AGENT_LISTEN", "[::1]:80"}}, {"AGENT_LISTEN"}},
    {"AgentOnAnotherAddress", {{"LISTEN", "127.0.0.1:80"}, {"AGENT_LISTEN", "127.0.0.2:80"}}, {}},
    {"AgentOnEveryIpv4", {{"LISTEN", "127.0.0.1:80"}, {"AGENT_LISTEN", "0.0.0.0:80"}}, {"AGENT_LISTEN"}},
    {"AgentOnIpv6BesideEveryIpv4", {{"LISTEN", "0.0.0.0:80"}, {"AGENT_LISTEN", "[::1]:80"}}, {}},
    {"BothOnAnyPort", {{"LISTEN", ":0"}, {"AGENT_LISTEN", ":0"}}, {}},
    {"AgentBesideARefusedAddress", {{"LISTEN", "3000"}, {"AGENT_LISTEN", ":3000"}}, {"LISTEN"}},
    {"ARefusedAgent", {{"AGENT_LISTEN", "3000"}}, {"AGENT_LISTEN"}},
};

INSTANTIATE_TEST_SUITE_P(Rows, OptionsTogether, testing::ValuesIn(together),
                         [](const auto& tested) { return tested.param.name; });

TEST(OptionsThatDoNotGoTogether, SayWhatToWriteInstead) {
  EXPECT_THAT(errors_of(in_a_pod({{"TLS_KEY", "/k"}})), ElementsAre(HasSubstr("in TLS_CERT, or remove this")));
  EXPECT_THAT(errors_of(in_a_pod({{"TLS_CLIENT_CA", "/ca"}})), ElementsAre(HasSubstr("in TLS_CERT, or remove this")));
  EXPECT_THAT(errors_of(in_a_pod({{"REQUIRE", "pod"}, {"TARGET_CONTAINER", "game"}})),
              ElementsAre(HasSubstr("remove TARGET_CONTAINER, or write containers here")));
  EXPECT_THAT(errors_of(in_a_pod({{"AGENT_LISTEN", ":3000"}})), ElementsAre(HasSubstr("such as :3001")));
}

}  // namespace
}  // namespace sidecar::config
