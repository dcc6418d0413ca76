#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "server_fixture.hpp"

namespace sidecar::http {
namespace {

class ServeConnection : public server_fixture {};

TEST_F(ServeConnection, TheAnswerIsTheOneOfTheMoment) {
  start();
  auto peer = connect_and_get(ready);
  told.now = not_ready;
  peer.send(get);
  ASSERT_TRUE(run_until_received(peer, (expected(ready) + expected(not_ready)).size()));
  told.now = ready;
  peer.send(get);
  const auto wanted = expected(ready) + expected(not_ready) + expected(ready);
  ASSERT_TRUE(run_until_received(peer, wanted.size()));
  EXPECT_EQ(peer.received(), wanted);
  EXPECT_FALSE(peer.ended());
  EXPECT_EQ(tested->connections(), 1u);
}

TEST_F(ServeConnection, AnswersAThousandPipelinedRequestsInOrder) {
  start();
  auto peer = connect();
  const std::string livez = "GET /livez HTTP/1.1\r\n\r\n",
                    nowhere = "GET /x HTTP/1.1\r\nX: " + std::string(900, 'x') + "\r\n\r\n";
  told.now = not_ready;
  std::string queries, wanted;
  for (int i = 0; i < 250; ++i) {
    queries += get + livez + nowhere + get;
    wanted += expected(not_ready) + answers.render_alive(connection_header::none, true) +
              expected(refusal::not_found, connection_header::none) + expected(not_ready);
  }
  peer.send_in_background(queries);
  ASSERT_TRUE(run_until_received(peer, wanted.size()));
  EXPECT_EQ(peer.received(), wanted);
}

TEST_F(ServeConnection, APeerWithManyPipelinedRequestsLetsOthersInBetween) {
  start();
  auto peer = connect();
  std::string many;
  for (int i = 0; i < 140; ++i) many += get;
  peer.send(many);
  ASSERT_TRUE(run_until([&] { return told.calls > 0; }));
  EXPECT_LT(told.calls, 20) << "are answered before anything else has its turn";
  ASSERT_TRUE(run_until_received(peer, 140 * expected(ready).size()));
}

TEST_F(ServeConnection, PipelinedRequestsWaitForTheOneBeforeThem) {
  told.now.reset();
  told.later = not_ready;
  start();
  auto peer = connect();
  peer.send(get + "GET /livez HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(run_until([&] { return told.queries == 1; }));
  test::run_ready(io);
  EXPECT_EQ(peer.received(), "");
  told.gate->cancel();
  const auto wanted = expected(not_ready) + answers.render_alive(connection_header::none, true);
  ASSERT_TRUE(run_until_received(peer, wanted.size()));
  EXPECT_EQ(peer.received(), wanted);
}

/// As while the API server asks for patience: what it is asked then is answered without waiting.
TEST_F(ServeConnection, HoweverManyQueriesComeAtOnceTheStackStaysShallow) {
  class shallow final : public health_endpoint {
   public:
    std::optional<health::answer> answer_now(std::string_view) override { return std::nullopt; }
    asio::awaitable<health::answer> answer(std::string) override {
      const auto* const here = static_cast<const char*>(__builtin_frame_address(0));
      highest = std::max(highest, here, std::less<>{});
      deepest = std::max(deepest, static_cast<std::size_t>(highest - here));
      ++queries;
      co_return ready;
    }
    bool is_draining() const override { return false; }

    const char* highest = nullptr;
    std::size_t deepest = 0;
    int queries = 0;
  } endpoint;
  tested.emplace(listen(), endpoint);
  tested->start();
  constexpr std::size_t count = 2'000;
  auto peer = connect();
  std::string queries;
  for (std::size_t i = 0; i < count; ++i) queries += "GET / HTTP/1.1\r\n\r\n";
  peer.send_in_background(std::move(queries));
  EXPECT_TRUE(run_until_received(peer, count * expected(ready).size()));
  EXPECT_EQ(endpoint.queries, 2'000);
  EXPECT_LT(endpoint.deepest, 16U * 1024);
  io.stop();
  tested.reset();
}

TEST_F(ServeConnection, KeepsAConnectionFromRequestToRequest) {
  start();
  const auto head_answer = expected(ready, connection_header::none, false);
  const auto kept_answer = expected(ready, connection_header::keep_alive);
  const auto alive = answers.render_alive(connection_header::none, true);
  const std::string kept = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
  const auto large = "GET / HTTP/1.1\r\nX: " + std::string(head_bytes - 23, 'x') + "\r\n\r\n";
  ASSERT_EQ(large.size(), head_bytes);
  expect_answers("HEAD /healthz HTTP/1.1\r\n\r\n" + get, head_answer + expected(ready));
  expect_answers(kept + kept, kept_answer + kept_answer);
  expect_answers(large + get + get + large, expected(ready) + expected(ready) + expected(ready) + expected(ready));
  expect_answers("POST /healthz HTTP/1.1\r\nContent-Length: 0\r\n\r\n" + get,
                 expected(refusal::method_not_allowed, connection_header::none) + expected(ready));
  told.now.reset();
  expect_answers("GET /livez HTTP/1.1\r\n\r\n", alive);
  EXPECT_EQ(told.queries, 0) << "it is about the process, whatever the pod";
  told.now = health::answer{ready.verdict, 17s};
  expect_answers(get + "HEAD / HTTP/1.1\r\n\r\n",
                 answers.render({ready.verdict, 17s}, connection_header::none, true) +
                     answers.render({ready.verdict, 17s}, connection_header::none, false));
}

TEST_F(ServeConnection, ClosesAsItsAnswerSays) {
  start({.requests = 3});
  const auto last = expected(ready, connection_header::close);
  for (const std::string bytes : {"OPTIONS / HTTP/1.0\r\n\r\n", "GET / HTTP/1.1\r\nConnection: close\r\n\r\n"}) {
    auto peer = connect();
    peer.send(bytes);
    ASSERT_TRUE(run_until_ended(peer)) << bytes;
    EXPECT_TRUE(peer.ended_well());
    EXPECT_EQ(peer.received(), last) << bytes;
  }
  EXPECT_EQ(whole_answer(get + get + get + get), expected(ready) + expected(ready) + last);
}

TEST_F(ServeConnection, AnswersAPeerThatHasEndedItsSide) {
  told.now.reset();
  start();
  auto peer = connect();
  peer.send(get);
  peer.send_end();
  ASSERT_TRUE(run_until([&] { return told.queries == 1; }));
  told.gate->cancel();
  ASSERT_TRUE(run_until_ended(peer));
  EXPECT_EQ(peer.received(), expected(ready));
  EXPECT_TRUE(peer.ended_well());
}

/// What else such a line gets is integration/checkers/versionless_test.cpp's.
TEST_F(ServeConnection, ARequestWithoutAVersionWaitsForAnAnswerAndMayGetAHeldOne) {
  told.now.reset();
  told.later = ready;
  told.later.held = std::chrono::seconds{3};
  start();
  auto peer = connect();
  peer.send("GET /\r\n");
  ASSERT_TRUE(run_until([&] { return told.queries == 1; }));
  told.gate->cancel();
  ASSERT_TRUE(run_until_received(peer, 2));
  EXPECT_EQ(peer.received(), "OK");
}

TEST_F(ServeConnection, AClientThatLeavesWhileItsQueryWaitsLeavesNothingBehind) {
  told.now.reset();
  start();
  auto peer = connect_and_query(1);
  peer.reset();
  test::run_ready(io);
  told.gate->cancel();
  EXPECT_TRUE(run_until([&] { return tested->connections() == 0; }));
}

TEST_F(ServeConnection, WarnsOfAKubeletProbeOnAHealthPathOnce) {
  start();
  testing::internal::CaptureStderr();
  const std::string agent = " HTTP/1.1\r\nUser-Agent: kube-probe/1.30\r\n\r\n";
  for (const auto& sent : {"GET /livez" + agent, "GET /x" + agent, get}) {
    auto peer = connect();
    peer.send(sent);
    EXPECT_TRUE(run_until([&] { return !peer.received().empty(); }));
  }
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  testing::internal::CaptureStderr();
  for (const char* const sent : {"GET /healthz", "GET /"}) {
    auto peer = connect();
    peer.send(sent + agent);
    EXPECT_TRUE(run_until_received(peer, expected(ready).size()));
  }
  const auto log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, testing::HasSubstr("/livez client=127.0.0.1\n"));
  EXPECT_EQ(std::ranges::count(log, '\n'), 1) << log;
}

TEST_F(ServeConnection, WhileDrainingEveryAnswerClosesItsConnection) {
  start();
  auto peer = connect_and_get(ready);
  told.draining = true;
  told.now = {{health::state::unhealthy, health::reason::draining}, {}};
  peer.send(get + get);
  ASSERT_TRUE(run_until_received(peer, (expected(ready) + expected(*told.now, connection_header::close)).size()));
  peer.send_end();
  ASSERT_TRUE(run_until_ended(peer));
  EXPECT_EQ(peer.received(), expected(ready) + expected(*told.now, connection_header::close));
  EXPECT_TRUE(peer.ended_well());
}

}  // namespace
}  // namespace sidecar::http
