#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>

#include "daemon.hpp"

/// One line at the start, one for each change of verdict, with what to do about it.
namespace sidecar::test {
namespace {

class Logs : public cluster_fixture {
 protected:
  static bool contains(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }
};

TEST_F(Logs, StartLineSaysWhatRunsWhereAndForWhom) {
  const auto sidecar = start({{"TARGET_CONTAINER", "game"}});
  const auto lines = sidecar->lines();
  ASSERT_EQ(lines.size(), 1U);
  for (const std::string& part :
       {std::string{"http-healthcheck-sidecar " SIDECAR_VERSION " listens"}, std::string{"target=demo/game-0"},
        std::string{"container=game"}, std::string{"source=live"},
        "listen=127.0.0.1:" + std::to_string(sidecar->port()), "api=https://127.0.0.1:" + std::to_string(api.port())}) {
    EXPECT_TRUE(contains(lines[0], part)) << part << "\nis not in\n" << lines[0];
  }
}

TEST_F(Logs, ChangeOfVerdictIsOneLineHoweverManyAsk) {
  const auto sidecar = start();
  for (int i = 0; i < 50; ++i) sidecar->ask();
  api.set_ready("game", false);
  for (int i = 0; i < 50; ++i) sidecar->ask();
  api.stop();
  for (int i = 0; i < 50; ++i) sidecar->ask();
  api.start();
  api.set_ready("game", true);
  for (int i = 0; i < 50; ++i) sidecar->ask();

  const auto lines = sidecar->stop_and_read();
  ASSERT_EQ(lines.size(), 6U) << "the first line is of the start, the last one of the end";
  EXPECT_TRUE(contains(lines[1], "reason=AllContainersReady")) << lines[1];
  EXPECT_TRUE(contains(lines[2], "reason=ContainerNotReady")) << lines[2];
  EXPECT_TRUE(contains(lines[2], "game (not ready)")) << lines[2];
  EXPECT_TRUE(contains(lines[3], "reason=ApiUnreachable")) << lines[3];
  EXPECT_TRUE(contains(lines[4], "reason=AllContainersReady")) << lines[4];
}

TEST_F(Logs, ContainerThatSomebodyAsksForHasALineOfItsOwn) {
  const auto sidecar = start({{"TARGET_CONTAINER", "health"}});
  api.set_ready("game", false);
  for (int i = 0; i < 5; ++i) sidecar->ask("GET /healthz/game");
  for (int i = 0; i < 20; ++i) sidecar->ask("GET /healthz/invented-" + std::to_string(i));
  api.set_ready("game", true);
  for (int i = 0; i < 5; ++i) sidecar->ask();

  const auto lines = sidecar->stop_and_read("container game");
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_TRUE(contains(lines[0], "answering 500 for container game: ")) << lines[0];
  EXPECT_TRUE(contains(lines[0], "reason=ContainerNotReady")) << lines[0];
  EXPECT_TRUE(contains(lines[1], "answering 200 for container game: ")) << lines[1];
}

TEST_F(Logs, StartLineSaysWhatMustBeReady) {
  EXPECT_TRUE(contains(start()->lines().at(0), "container=all"));
  EXPECT_TRUE(contains(start({{"TARGET_CONTAINER", "game,health"}})->lines().at(0), "container=game,health"));
  EXPECT_TRUE(contains(start({{"REQUIRE", "pod"}})->lines().at(0), "condition=Ready"));
}

TEST_F(Logs, ClosedReadinessGateIsNamed) {
  change_pod([](pod& of) { of.set_condition("Ready", "False", "ReadinessGatesNotReady"); });
  const auto sidecar = start({{"REQUIRE", "pod"}});
  sidecar->ask();
  EXPECT_TRUE(contains(sidecar->logged("PodNotReady"), "ReadinessGatesNotReady"));
}

TEST_F(Logs, JsonLinesParse) {
  const auto sidecar = start({{"LOG_FORMAT", "json"}});
  sidecar->ask();
  api.deny();
  sidecar->ask();
  ASSERT_NE(sidecar->logged("ApiForbidden"), "");
  const auto lines = sidecar->lines();
  ASSERT_EQ(lines.size(), 3U);
  for (const auto& line : lines) {
    const auto parsed = nlohmann::json::parse(line, nullptr, false);
    ASSERT_TRUE(parsed.is_object()) << line;
    for (const char* key : {"time", "level", "message"}) EXPECT_TRUE(parsed.contains(key)) << key << " in " << line;
  }
  EXPECT_EQ(nlohmann::json::parse(lines[2]).at("reason"), "ApiForbidden");
  EXPECT_EQ(nlohmann::json::parse(lines[2]).at("level"), "warn");
}

TEST_F(Logs, KubeletProbeOnAHealthPathIsWarnedOfOnce) {
  const auto sidecar = start();
  const std::string agent = "User-Agent: kube-probe/1.33\r\n\r\n";
  for (const std::string path : {"/livez", "/nowhere"}) {
    EXPECT_NE(sidecar->response_to("GET " + path + " HTTP/1.1\r\n" + agent).status, 0);
  }
  EXPECT_EQ(sidecar->lines("kubelet"), std::vector<std::string>{});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(sidecar->response_to("GET /healthz HTTP/1.1\r\n" + agent).status, 200);
  EXPECT_TRUE(contains(sidecar->logged("kubelet"), "/livez"));
  EXPECT_EQ(sidecar->stop_and_read("kubelet").size(), 1U);
}

TEST_F(Logs, ForbiddenNamesTheRoleToGrant) {
  api.deny();
  const auto sidecar = start();
  sidecar->ask();
  const auto line = sidecar->logged("ApiForbidden");
  EXPECT_TRUE(contains(line, "Role with `get` on `pods`")) << line;
  EXPECT_TRUE(contains(line, "system:serviceaccount:demo:sidecar")) << line;
}

TEST_F(Logs, NotFoundSaysWhereThePodNameCameFrom) {
  const auto sidecar = start({{"TARGET_POD_OVERRIDE", "gone"}});
  EXPECT_EQ(sidecar->ask(), "500 PodNotFound");
  const auto line = sidecar->logged("PodNotFound");
  EXPECT_TRUE(contains(line, "pod_name_from=TARGET_POD_OVERRIDE")) << line;
  EXPECT_TRUE(contains(line, "pod=demo/gone")) << line;
}

TEST_F(Logs, HostNameThatIsNotTheTokensPodIsToldOnce) {
  auto settings = environment();
  settings.emplace("HOSTNAME", "node-a");
  daemon sidecar{settings};
  EXPECT_NE(sidecar.logged("not from HOSTNAME (node-a)"), "");
  EXPECT_EQ(sidecar.ask(), "200 OK");
}

TEST_F(Logs, WhatAPeerSendsStaysOneLineWithoutControlCharacters) {
  api.inject(reply_with([] { return make_status(500, "InternalError", "a\x1b[2J\nb\u2028c"); }));
  const auto sidecar = start();
  EXPECT_EQ(sidecar->ask(), "500 ApiError");
  const auto line = sidecar->logged("ApiError");
  EXPECT_NE(line, "");
  EXPECT_EQ(line.find('\x1b'), line.npos);
  EXPECT_EQ(sidecar->lines().size(), 2U);
}

TEST_F(Logs, HostileContainerNameStaysOneLineAndIsInNoAnswer) {
  pod document;
  document.set_ready("game", false);
  auto text = document.text();
  const std::string name = "\"game\"", evil = R"("evil\u001b[31m\r\n\u0007\u2028)" + std::string(5'000, 'x') + "\"";
  for (auto at = text.find(name); at != text.npos; at = text.find(name, at + evil.size())) {
    text.replace(at, name.size(), evil);
  }
  api.put_document("demo", "game-0", text);
  const auto sidecar = start();
  const auto answer = sidecar->response_to(request("GET /healthz"));
  EXPECT_EQ(answer.status_line, "HTTP/1.1 500 ContainerNotReady");
  EXPECT_FALSE(contains(answer.head + answer.body, "evil"));
  const auto line = sidecar->logged("ContainerNotReady");
  EXPECT_TRUE(contains(line, "evil")) << line;
  EXPECT_TRUE(std::ranges::all_of(line, [](char c) { return c >= ' ' && c <= '~'; })) << line;
  EXPECT_LE(line.size(), 4'095U);
  EXPECT_EQ(sidecar->lines().size(), 2U);
}

}  // namespace
}  // namespace sidecar::test
