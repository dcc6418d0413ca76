#include "sidecar/doctor/pod_spec.hpp"

#include <gmock/gmock.h>

#include "support/recording.hpp"

namespace sidecar::doctor {
namespace {

using kind = health::container::kind;
using testing::ElementsAre;

TEST(ParseMemory, AsKubernetesWritesQuantities) {
  struct row {
    std::string_view text;
    std::optional<std::uint64_t> bytes;
  };
  for (const auto& [text, bytes] : std::vector<row>{{"33554432", 33'554'432},
                                                    {"32Mi", 33'554'432},
                                                    {"32M", 32'000'000},
                                                    {"1Gi", 1'073'741'824},
                                                    {"1.5Gi", 1'610'612'736},
                                                    {"16384Ki", 16'777'216},
                                                    {"1e7", 10'000'000},
                                                    {"1E7", 10'000'000},
                                                    {"128974848000m", 128'974'848},
                                                    {"500k", 500'000},
                                                    {"1E", 1'000'000'000'000'000'000},
                                                    {"0", 0},
                                                    {"", std::nullopt},
                                                    {"32mi", std::nullopt},
                                                    {"32 Mi", std::nullopt},
                                                    {"Mi", std::nullopt},
                                                    {"-1Mi", std::nullopt},
                                                    {"0x10", std::nullopt},
                                                    {"inf", std::nullopt},
                                                    {"1e400", std::nullopt},
                                                    {"100Ei", std::nullopt},
                                                    {"32MiB", std::nullopt}}) {
    EXPECT_EQ(parse_memory(text), bytes) << text;
  }
}

TEST(ReadPodSpec, ARecordedPod) {
  const auto pod = read_pod_spec(*read_pod_tree(test::recorded_body("pod-native-sidecar")));
  ASSERT_EQ(pod.containers.size(), 3U);
  EXPECT_EQ(pod.containers[0].name, "migrate");
  EXPECT_EQ(pod.containers[0].type, kind::init);
  EXPECT_EQ(pod.containers[1].type, kind::native_sidecar);
  EXPECT_EQ(pod.containers[2].name, "game");
  EXPECT_EQ(pod.containers[2].type, kind::regular);
  EXPECT_EQ(pod.grace_seconds, 30);
  EXPECT_FALSE(pod.host_network);
}

TEST(ReadPodSpec, EveryFieldThatIsUsed) {
  const auto pod = read_pod_spec(*read_pod_tree(R"({"kind":"Pod","spec":{"terminationGracePeriodSeconds":90,
    "hostNetwork":true,"hostname":"web","containers":[{"name":"a","image":"x/http-healthcheck-sidecar:1",
    "command":["/http-healthcheck-sidecar"],"args":["--drain=0s"],
    "env":[{"name":"E","value":"v"},{"name":"F","valueFrom":{"fieldRef":{"fieldPath":"x"}}}],
    "ports":[{"name":"health","containerPort":3000,"hostPort":13000},{"containerPort":53,"protocol":"UDP"}],
    "startupProbe":{"httpGet":{"path":"/livez","port":"health"}},
    "readinessProbe":{"httpGet":{"port":3000}},
    "livenessProbe":{"httpGet":{"path":"/x","port":"nowhere"}},
    "volumeMounts":[{"name":"t","mountPath":"/var/run"}],"resources":{"limits":{"memory":"8Mi"}}},
    {"name":"b","readinessProbe":{"exec":{"command":["x"]}}}]}})"));
  EXPECT_EQ(pod.grace_seconds, 90);
  EXPECT_TRUE(pod.host_network);
  EXPECT_EQ(pod.hostname, "web");
  const auto& one = pod.containers.at(0);
  EXPECT_THAT(one.words, ElementsAre("/http-healthcheck-sidecar", "--drain=0s"));
  EXPECT_THAT(one.variables,
              ElementsAre(std::pair<std::string, std::string>{"E", "v"}, std::pair<std::string, std::string>{"F", ""}));
  ASSERT_EQ(one.ports.size(), 2U);
  EXPECT_TRUE(one.ports[0].is_tcp);
  EXPECT_FALSE(one.ports[1].is_tcp);
  EXPECT_EQ(one.ports[0].host_port, 13000);
  EXPECT_EQ(one.ports[1].host_port, 0);
  ASSERT_EQ(one.probes.size(), 3U);
  EXPECT_EQ(one.probes[0].port, 3000) << "by its name";
  EXPECT_EQ(one.probes[1].path, "/") << "Kubernetes' default";
  EXPECT_EQ(one.probes[2].port, 0);
  EXPECT_TRUE(one.has_readiness_probe);
  EXPECT_THAT(one.mounts, ElementsAre("/var/run"));
  EXPECT_EQ(one.memory_limit, 8U << 20U);
  EXPECT_TRUE(pod.containers.at(1).has_readiness_probe);
  EXPECT_TRUE(pod.containers.at(1).probes.empty());
}

TEST(ReadPodSpec, WhatTheCommandProbeAsks) {
  const struct {
    std::string words;
    std::string path;  ///< empty: nothing of the pod itself
    std::int64_t port;
  } rows[] = {
      {R"("/http-healthcheck-sidecar","probe")", "/healthz", http_probe::own_port},
      {R"("/http-healthcheck-sidecar","probe","--timeout=2s","/livez")", "/livez", http_probe::own_port},
      {R"("/http-healthcheck-sidecar","probe","http://127.0.0.1:3002/readyz")", "/readyz", 3002},
      {R"("/http-healthcheck-sidecar","probe","http://[::1]:3002/readyz?a=/b")", "/readyz?a=/b", 3002},
      {R"("/http-healthcheck-sidecar","probe","https://localhost")", "/", 443},
      {R"("/http-healthcheck-sidecar","probe","http://localhost/livez")", "/livez", 80},
      {R"("/http-healthcheck-sidecar","probe","http://127.0.0.1:x/readyz")", "/readyz", 0},
      {R"("/http-healthcheck-sidecar","probe","http://10.0.0.9:3002/readyz")", "", 0},
      {R"("/http-healthcheck-sidecar","probe","httpd")", "", 0},
      {R"("/http-healthcheck-sidecar","doctor")", "", 0},
      {R"("curl","probe")", "", 0},
  };
  for (const auto& row : rows) {
    const auto pod = read_pod_spec(*read_pod_tree(
        R"({"kind":"Pod","spec":{"containers":[{"readinessProbe":{"exec":{"command":[)" + row.words + "]}}}]}}"));
    const auto& probes = pod.containers.at(0).probes;
    ASSERT_EQ(probes.size(), row.path.empty() ? 0U : 1U) << row.words;
    if (row.path.empty()) continue;
    EXPECT_EQ(probes[0].kind, "readinessProbe");
    EXPECT_EQ(probes[0].path, row.path) << row.words;
    EXPECT_EQ(probes[0].port, row.port) << row.words;
  }
}

TEST(ReadPodSpec, TheFirstPodOfAList) {
  const auto pod = read_pod_spec(*read_pod_tree(test::recorded_body("list-one-pod")));
  ASSERT_FALSE(pod.containers.empty());
  EXPECT_EQ(pod.containers[0].name, "game");
}

TEST(ReadPodSpec, AnythingElseHasNothing) {
  for (const auto* const text : {"{}", "[]", "1", R"({"spec":1})", R"({"spec":{"containers":[1,null,{"ports":[2]}]}})",
                                 R"({"items":[]})", R"({"spec":{"containers":[{"env":{"a":1},"args":"x"}]}})"}) {
    const auto pod = read_pod_spec(*read_pod_tree(text));
    EXPECT_EQ(pod.grace_seconds, 30) << text;
  }
}

container_spec one_container(const std::string& name) { return {.name = name, .ports = {{.number = 8080}}}; }

TEST(FindOwnContainer, ByNameThenMarksThenPort) {
  auto game = one_container("game");
  auto other = one_container("other");
  auto health = one_container("health");
  health.ports = {{.number = 3000}};
  pod_spec pod{.containers = {game, health, other}};
  const auto own = [&pod](std::string_view wanted = {}) {
    const auto* found = find_own_container(pod, wanted, 3000);
    return found == nullptr ? std::string{"unknown"} : found->name;
  };

  EXPECT_EQ(own(), "health") << "the only one with the port";
  EXPECT_EQ(own("other"), "other");
  EXPECT_EQ(own("absent"), "unknown");
  pod.containers[0].ports.push_back({.number = 3000, .is_tcp = false});
  EXPECT_EQ(own(), "health") << "UDP is another port";
  pod.containers[0].ports.push_back({.number = 3000});
  EXPECT_EQ(own(), "unknown") << "two have it";
  pod.containers[1].variables = {{"HTTP_HEALTHCHECK_SIDECAR_DRAIN", "0s"}};
  EXPECT_EQ(own(), "health") << "by its environment";
  pod.containers[1].variables.clear();
  pod.containers[1].words = {"/http-healthcheck-sidecar", "--drain=0s"};
  EXPECT_EQ(own(), "health") << "by its command";
  pod.containers[1].words.clear();
  pod.containers[1].image = "registry.example.com:5000/x/http-healthcheck-sidecar@sha256:0";
  EXPECT_EQ(own(), "health") << "by its image";
  pod.containers[2].image = "http-healthcheck-sidecar";
  EXPECT_EQ(own(), "unknown") << "two sidecars";
}

}  // namespace
}  // namespace sidecar::doctor
