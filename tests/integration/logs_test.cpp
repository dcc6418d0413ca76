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

  const std::string kubelet = "User-Agent: kube-probe/1.33\r\n\r\n";
};

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
  for (int i = 0; i < 3; ++i) EXPECT_EQ(sidecar->response_to("GET /healthz HTTP/1.1\r\n" + kubelet).status, 200);
  EXPECT_TRUE(contains(sidecar->logged("kubelet"), "/livez"));
  EXPECT_EQ(sidecar->stop_and_read("kubelet").size(), 1U);
}

TEST_F(Logs, HostileContainerNameStaysOneLineAndIsInNoAnswer) {
  pod document;
  document.add_readiness_probes().set_ready("game", false);
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
  EXPECT_EQ(sidecar->stop_and_read().size(), 3U) << "the start, the change, the end";
}

}  // namespace
}  // namespace sidecar::test
