#include "support/api_server.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "requests.hpp"

namespace sidecar::test {
namespace {

using namespace std::chrono_literals;

std::ptrdiff_t entries(const char* directory) {
  return std::distance(std::filesystem::directory_iterator{directory}, std::filesystem::directory_iterator{});
}

TEST(ApiServer, TokenAndRulesDecide) {
  ready_server fixture;
  http_client client = fixture.connect();
  const auto status = [&] { return client.ask(fixture.ask())->status; };
  EXPECT_EQ(status(), 200);
  fixture.server.deny();
  EXPECT_EQ(status(), 403);
  fixture.server.allow({"demo", "pods", "other-0"});
  EXPECT_EQ(status(), 403);
  fixture.server.allow({"demo", "pods", "game-0"});
  EXPECT_EQ(status(), 200);
  fixture.server.delete_pod();
  EXPECT_EQ(status(), 404);
  fixture.server.revoke_token(fixture.token);
  EXPECT_EQ(status(), 401);
  EXPECT_EQ(client.ask(get(fixture.server.add_token()))->status, 404);
}

TEST(ApiServer, RequestThatIsNoneIsABadRequest) {
  const ready_server fixture;
  for (const char* bad : {"GET / HTTP/1.1\r\n\r\n", "GET /\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                          "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n", "\r\n\r\n"}) {
    http_client client = fixture.connect();
    client.send(bad);
    EXPECT_EQ(client.read_until_end().substr(0, 24), "HTTP/1.1 400 Bad Request") << bad;
    EXPECT_EQ(client.last_end(), read_end::closed);
  }
}

TEST(ApiServer, PodIsReadWhenTheRequestIsNotWhenTheAnswerGoes) {
  ready_server fixture;
  fixture.server.hold_answers();
  http_client client = fixture.connect();
  client.send(fixture.ask());
  ASSERT_TRUE(fixture.server.wait_until_held(1));
  fixture.server.set_ready("game", false);
  fixture.server.stop_holding();
  const auto before = client.read_response();
  EXPECT_EQ(nlohmann::json::parse(before->body)["status"]["containerStatuses"][0]["ready"], true);
  const auto after = client.ask(fixture.ask());
  EXPECT_EQ(nlohmann::json::parse(after->body)["status"]["containerStatuses"][0]["ready"], false);
}

TEST(ApiServer, GateLetsThemGoInTheirOrder) {
  ready_server fixture;
  fixture.server.hold_answers();
  http_client first = fixture.connect();
  http_client second = fixture.connect();
  EXPECT_FALSE(fixture.server.release_one());
  first.send(fixture.ask());
  ASSERT_TRUE(fixture.server.wait_until_held(1));
  second.send(fixture.ask());
  ASSERT_TRUE(fixture.server.wait_until_held(2));
  EXPECT_FALSE(fixture.server.wait_until_held(3, 1ms));
  EXPECT_TRUE(fixture.server.release_one());
  EXPECT_EQ(first.read_response()->status, 200);
  EXPECT_EQ(second.read_for(20ms), "");
  fixture.server.stop_holding();
  EXPECT_EQ(second.read_response()->status, 200);
  first.send(fixture.ask());
  EXPECT_EQ(first.read_response()->status, 200) << "the gate is gone";
}

TEST(ApiServer, ServiceWorkIsDoneOneAfterTheOther) {
  ready_server fixture;
  fixture.server.set_service_work(20ms);
  http_client first = fixture.connect();
  http_client second = fixture.connect();
  const auto begin = std::chrono::steady_clock::now();
  first.send(fixture.ask());
  second.send(fixture.ask());
  first.read_response();
  second.read_response();
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 40ms);
}

TEST(ApiServer, RestartKeepsThePortAndTheCluster) {
  ready_server fixture;
  http_client before = fixture.connect();
  before.ask(fixture.ask());
  fixture.server.stop();
  EXPECT_EQ(before.read_until_end(), "");
  EXPECT_THROW(fixture.connect(), std::runtime_error);
  EXPECT_EQ(fixture.server.counts().open, 0U);
  fixture.server.start();
  http_client after = fixture.connect();
  EXPECT_EQ(after.ask(fixture.ask())->status, 200);
}

TEST(ApiServer, StopEndsConnectionsInEveryState) {
  ready_server fixture;
  http_client idle = fixture.connect();
  fixture.server.hold_answers();
  http_client held = fixture.connect();
  held.send(fixture.ask());
  ASSERT_TRUE(fixture.server.wait_until_held(1));
  fixture.server.inject(times(1, silence_at(phase::secured)));
  http_client silent = fixture.connect();
  fixture.server.inject(times(1, pause_at(phase::secured, 1h)));
  http_client paused = fixture.connect();
  fixture.server.stop();
  EXPECT_EQ(fixture.server.counts().open, 0U);
  EXPECT_EQ(fixture.server.counts().held, 0U);
}

TEST(ApiServer, StartingAndStoppingLeavesNothingBehind) {
  ready_server fixture;
  fixture.connect();
  fixture.server.stop();
  const auto handles = entries("/proc/self/fd");
  const auto threads = entries("/proc/self/task");
  for (int i = 0; i < 30; ++i) {
    fixture.server.start();
    http_client client = fixture.connect();
    EXPECT_EQ(client.ask(fixture.ask())->status, 200);
    fixture.server.stop();
  }
  EXPECT_EQ(entries("/proc/self/fd"), handles);
  EXPECT_EQ(entries("/proc/self/task"), threads);
}

}  // namespace
}  // namespace sidecar::test
