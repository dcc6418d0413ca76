#include "sidecar/http/server.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "server_fixture.hpp"
#include "sidecar/base/log.hpp"

namespace sidecar::http {
namespace {

using namespace std::string_literals;

class Server : public server_fixture {};

TEST_F(Server, AnswersOneRequestAfterTheOtherOnOneConnection) {
  start();
  auto peer = connect();
  for (int i = 1; i <= 3; ++i) {
    peer.send(get);
    ASSERT_TRUE(run_until_received(peer, expected(ready).size() * static_cast<std::size_t>(i)));
  }
  EXPECT_EQ(peer.received(), expected(ready) + expected(ready) + expected(ready));
  EXPECT_FALSE(peer.ended());
  EXPECT_EQ(tested->sessions(), 1u);
}

TEST_F(Server, TheAnswerIsTheOneOfTheMoment) {
  start();
  auto peer = connect();
  peer.send(get);
  ASSERT_TRUE(run_until_received(peer, expected(ready).size()));
  told.at_once = not_ready;
  peer.send(get);
  ASSERT_TRUE(run_until_received(peer, (expected(ready) + expected(not_ready)).size()));
  EXPECT_EQ(peer.received(), expected(ready) + expected(not_ready));
}

TEST_F(Server, AnswersAThousandPipelinedRequestsInOrder) {
  start();
  auto peer = connect();
  const std::string livez = "GET /livez HTTP/1.1\r\n\r\n",
                    nowhere = "GET /x HTTP/1.1\r\nX: " + std::string(900, 'x') + "\r\n\r\n";
  told.at_once = not_ready;
  std::string questions, wanted;
  for (int i = 0; i < 250; ++i) {
    questions += get + livez + nowhere + get;
    wanted += expected(not_ready) + std::string(answers.alive(connection_header::none, true)) +
              expected(refusal::not_found, connection_header::none) + expected(not_ready);
  }
  peer.send_in_background(questions);
  ASSERT_TRUE(run_until_received(peer, wanted.size()));
  EXPECT_EQ(peer.received(), wanted);
}

TEST_F(Server, APeerWithManyPipelinedRequestsLetsOthersInBetween) {
  start();
  auto peer = connect();
  std::string many;
  for (int i = 0; i < 140; ++i) many += "GET / HTTP/1.1\r\nUser-Agent: kube-probe/1.33\r\n\r\n";
  peer.send(many);
  ASSERT_TRUE(run_until([&] { return told.probes > 0; }));
  EXPECT_LT(told.probes, 20) << "are answered before anything else has its turn";
  ASSERT_TRUE(run_until_received(peer, 140 * expected(ready).size()));
}

TEST_F(Server, PipelinedRequestsWaitForTheOneBeforeThem) {
  told.at_once.reset();
  told.asked = not_ready;
  start();
  auto peer = connect();
  peer.send(get + "GET /livez HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(run_until([&] { return told.questions == 1; }));
  io.restart();
  io.poll();
  EXPECT_EQ(peer.received(), "");
  told.gate->cancel();
  const auto wanted = expected(not_ready) + std::string(answers.alive(connection_header::none, true));
  ASSERT_TRUE(run_until_received(peer, wanted.size()));
  EXPECT_EQ(peer.received(), wanted);
}

TEST_F(Server, StopsAtAPipelinedRequestThatIsMalformedOrNone) {
  start({.linger = 20ms, .sweep = 5ms});
  for (const auto& [bytes, answer] : {std::pair{"G@T / HTTP/1.1\r\n\r\n", expected(refusal::bad_request)},
                                      std::pair{"nonsense\r\n\r\n", std::string{}}}) {
    auto peer = connect();
    peer.send(get + bytes + get);
    ASSERT_TRUE(run_until_ended(peer));
    EXPECT_EQ(peer.received(), expected(ready) + answer);
    EXPECT_TRUE(peer.ended_well());
  }
}

TEST_F(Server, HeadIsAnsweredWithoutABodyAndTheNextAnswerFollows) {
  start();
  auto peer = connect();
  peer.send("HEAD /healthz HTTP/1.1\r\n\r\n" + get);
  const auto wanted = expected(ready, connection_header::none, false) + expected(ready);
  ASSERT_TRUE(run_until_received(peer, wanted.size()));
  EXPECT_EQ(peer.received(), wanted);
}

TEST_F(Server, OptionsIsAnsweredLikeGet) {
  told.at_once = not_ready;
  start();
  auto peer = connect();
  peer.send("OPTIONS * HTTP/1.1\r\n\r\nOPTIONS / HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(run_until_received(peer, 2 * expected(not_ready).size()));
  EXPECT_EQ(peer.received(), expected(not_ready) + expected(not_ready));
}

TEST_F(Server, ClosesAfterAnHttp10Request) {
  start();
  auto peer = connect();
  peer.send("OPTIONS / HTTP/1.0\r\n\r\n");
  ASSERT_TRUE(run_until_ended(peer));
  EXPECT_TRUE(peer.ended_well());
  EXPECT_EQ(peer.received(), expected(ready, connection_header::close));
}

TEST_F(Server, KeepsAnHttp10ConnectionThatAsksForIt) {
  start();
  auto peer = connect();
  const std::string question = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
  peer.send(question + question);
  const auto answer = expected(ready, connection_header::keep_alive);
  ASSERT_TRUE(run_until_received(peer, 2 * answer.size()));
  EXPECT_EQ(peer.received(), answer + answer);
  EXPECT_FALSE(peer.ended());
}

TEST_F(Server, ClosesWhenAskedTo) {
  start();
  auto peer = connect();
  peer.send("GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
  ASSERT_TRUE(run_until_ended(peer));
  EXPECT_TRUE(peer.ended_well());
  EXPECT_EQ(peer.received(), expected(ready, connection_header::close));
}

TEST_F(Server, AnswersAPeerThatHasEndedItsSide) {
  told.at_once.reset();
  start();
  auto peer = connect();
  peer.send(get);
  peer.send_end();
  ASSERT_TRUE(run_until([&] { return told.questions == 1; }));
  told.gate->cancel();
  ASSERT_TRUE(run_until_ended(peer));
  EXPECT_EQ(peer.received(), expected(ready));
  EXPECT_TRUE(peer.ended_well());
}

TEST_F(Server, AWholeHeadOfEightKilobytesIsReadAndSmallOnesAfterIt) {
  start();
  auto peer = connect();
  const auto large = "GET / HTTP/1.1\r\nX: " + std::string(head_bytes - 23, 'x') + "\r\n\r\n";
  ASSERT_EQ(large.size(), head_bytes);
  peer.send(large + get + get + large);
  ASSERT_TRUE(run_until_received(peer, 4 * expected(ready).size()));
  EXPECT_EQ(peer.received(), expected(ready) + expected(ready) + expected(ready) + expected(ready));
}

TEST_F(Server, TheClientReceivesTheRefusalOfAHeadThatIsTooLarge) {
  start();
  auto peer = connect();
  peer.send("GET / HTTP/1.1\r\nX: " + std::string(30'000, 'x'));
  ASSERT_TRUE(run_until_received(peer, 1));
  peer.send_end();
  ASSERT_TRUE(run_until_ended(peer));
  EXPECT_EQ(peer.received(), expected(refusal::head_too_large));
  EXPECT_TRUE(peer.ended_well());
}

TEST_F(Server, TheClientReceivesTheRefusalOfABody) {
  start();
  auto peer = connect();
  peer.send("GET / HTTP/1.1\r\nContent-Length: 20000\r\n\r\n" + std::string(20'000, 'x'));
  ASSERT_TRUE(run_until_received(peer, 1));
  peer.send_end();
  ASSERT_TRUE(run_until_ended(peer));
  EXPECT_EQ(peer.received(), expected(refusal::content_too_large));
  EXPECT_TRUE(peer.ended_well());
}

TEST_F(Server, TheRefusalOfAHeadRequestHasNoBodyEither) {
  start();
  auto peer = connect();
  peer.send("HEAD / HTTP/1.1\r\nContent-Length: 1\r\n\r\nx");
  peer.send_end();
  ASSERT_TRUE(run_until_ended(peer));
  EXPECT_EQ(peer.received(), answers.refused(refusal::content_too_large, connection_header::close, false));
}

TEST_F(Server, ABodyIsNeverTakenForTheNextRequest) {
  start();
  auto peer = connect();
  peer.send("POST /healthz HTTP/1.1\r\nContent-Length: " + std::to_string(get.size()) + "\r\n\r\n" + get);
  peer.send_end();
  ASSERT_TRUE(run_until_ended(peer));
  EXPECT_EQ(peer.received(), expected(refusal::method_not_allowed));
}

TEST_F(Server, ABodyThatFollowsItsRefusalDoesNotDestroyIt) {
  start();
  auto peer = connect();
  peer.send("POST / HTTP/1.1\r\nContent-Length: 20000\r\n\r\n");
  const auto wanted = expected(refusal::method_not_allowed);
  ASSERT_TRUE(run_until_received(peer, wanted.size()));
  peer.send(std::string(20'000, 'x'));
  peer.send_end();
  ASSERT_TRUE(run_until_ended(peer));
  EXPECT_EQ(peer.received(), wanted);
  EXPECT_TRUE(peer.ended_well());
}

TEST_F(Server, WhatFollowsALastRequestDoesNotDestroyItsAnswer) {
  start();
  auto peer = connect();
  peer.send("GET / HTTP/1.0\r\n\r\n" + std::string(20'000, 'x'));
  peer.send_end();
  ASSERT_TRUE(run_until_ended(peer));
  EXPECT_EQ(peer.received(), expected(ready, connection_header::close));
  EXPECT_TRUE(peer.ended_well());
}

TEST_F(Server, AnEmptyPostIsNotAllowedAndKeepsItsConnection) {
  start();
  auto peer = connect();
  peer.send("POST /healthz HTTP/1.1\r\nContent-Length: 0\r\n\r\n" + get);
  const auto wanted = expected(refusal::method_not_allowed, connection_header::none) + expected(ready);
  ASSERT_TRUE(run_until_received(peer, wanted.size()));
  EXPECT_EQ(peer.received(), wanted);
}

TEST_F(Server, APeerThatKeepsSendingAfterARefusalIsCutOff) {
  start({.linger = 5min, .linger_bytes = 4'096});
  auto peer = connect();
  peer.send_in_background("G@T / HTTP/1.1\r\n" + std::string(64'000'000, 'x'));
  ASSERT_TRUE(run_until([&] { return peer.received().size() > 0 && tested->sessions() == 0; }));
  EXPECT_EQ(peer.received(), expected(refusal::bad_request));
}

TEST_F(Server, APeerThatDoesNotCloseAfterARefusalIsClosedAfterTheLinger) {
  start({.linger = 20ms, .sweep = 5ms});
  auto peer = connect();
  peer.send("G@T / HTTP/1.1\r\n");
  ASSERT_TRUE(run_until([&] { return peer.received().size() > 0 && tested->sessions() == 0; }));
  EXPECT_TRUE(peer.ended_well());
}

TEST_F(Server, WhatIsNoRequestIsClosedAtOnceWithoutAByte) {
  start({.head = 5min, .linger = 20ms, .sweep = 5ms});
  for (const auto& bytes : {"HTTP GET /healthz\r\n"s, "PING\r\n"s, "\r\nG"s, "\x16\x03\x01"s, "\0"s, "GET / HTTP\r\n"s,
                            std::string(head_bytes, 'x')}) {
    auto peer = connect();
    peer.send(bytes);
    ASSERT_TRUE(run_until_ended(peer)) << bytes;
    EXPECT_EQ(peer.received(), "") << bytes;
    EXPECT_TRUE(peer.ended_well()) << bytes;
  }
}

TEST_F(Server, WhatIsNoRequestIsToldWithTheRemedyOnceForAnAddress) {
  start({.head = 20ms, .linger = 20ms, .sweep = 5ms});
  testing::internal::CaptureStderr();
  for (const std::string bytes : {"HTTP GET /healthz\r\n", "PING\r\n", "HTTP GET /healthz"}) {
    auto peer = connect();
    peer.send(bytes);
    EXPECT_TRUE(run_until_ended(peer));
  }
  const auto log = testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find("correct its check, for instance to GET /healthz HTTP/1.1 client=127.0.0.1\n"), log.npos) << log;
  EXPECT_EQ(std::ranges::count(log, '\n'), 1) << log;
}

TEST_F(Server, AnUnfinishedHeadIsAnswered408AfterTheHeadTime) {
  start({.head = 20ms, .linger = 20ms, .sweep = 5ms});
  auto peer = connect();
  peer.send("GET / HTTP/1.1\r\n");
  ASSERT_TRUE(run_until([&] { return peer.ended() && tested->sessions() == 0; }));
  EXPECT_EQ(peer.received(), expected(refusal::request_timeout));
  EXPECT_TRUE(peer.ended_well());
}

TEST_F(Server, AnUnfinishedRequestLineIsClosedWithoutAByteAfterTheHeadTime) {
  start({.head = 20ms, .linger = 20ms, .sweep = 5ms});
  for (const std::string before : {"", "GET /healthz HTTP/1.1\r\n\r\n"}) {
    for (const std::string line : {"GET / HTTP/1.1", "GET / HTTP/1.0\\r\\n\\r\\n", "HTTP GET /healthz"}) {
      auto peer = connect();
      peer.send(before + line);
      ASSERT_TRUE(run_until_ended(peer)) << line;
      EXPECT_EQ(peer.received(), before.empty() ? "" : expected(ready)) << line;
      EXPECT_TRUE(peer.ended_well());
    }
  }
}

TEST_F(Server, BytesThatTrickleInDoNotExtendTheHeadTime) {
  start({.head = 100ms, .linger = 20ms, .sweep = 5ms});
  auto peer = connect();
  const auto begin = std::chrono::steady_clock::now();
  peer.send("GET / HTTP/1.1\r\n");
  asio::steady_timer drip(io);
  std::function<void()> next = [&] {
    drip.expires_after(5ms);
    drip.async_wait([&](error_code ec) {
      if (ec || peer.received().size() > 0 || peer.ended()) return;
      peer.send("X");
      next();
    });
  };
  next();
  ASSERT_TRUE(run_until([&] { return peer.received().size() > 0; }));
  drip.cancel();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
  EXPECT_EQ(peer.received(), expected(refusal::request_timeout));
}

TEST_F(Server, EachOfManyPipelinedRequestsHasTheHeadTimeOfItsOwn) {
  constexpr auto head = 400ms;
  start({.head = head, .requests = 1'000'000, .sweep = 5ms});
  auto peer = connect();
  const auto begin = std::chrono::steady_clock::now();
  const auto first_half = get.substr(0, 20), second_half = get.substr(20);
  peer.send(first_half);
  std::size_t asked = 0;
  while (std::chrono::steady_clock::now() - begin < 2 * head) {
    peer.send(second_half + first_half);
    ++asked;
    ASSERT_TRUE(run_until_received(peer, asked * expected(ready).size()));
    io.restart();
    io.run_for(10ms);
  }
  peer.send(second_half);
  ASSERT_TRUE(run_until_received(peer, ++asked * expected(ready).size()));
  EXPECT_EQ(peer.received().find(expected(refusal::request_timeout)), std::string::npos);
  EXPECT_FALSE(peer.ended());
}

TEST_F(Server, AConnectionThatNeverAsksIsClosedWithoutAWord) {
  start({.head = 20ms, .sweep = 5ms});
  auto peer = connect();
  ASSERT_TRUE(run_until_ended(peer));
  EXPECT_EQ(peer.received(), "");
  EXPECT_TRUE(peer.ended_well());
}

TEST_F(Server, AnIdleConnectionIsClosedWithoutAWordAfterTheIdleTime) {
  start({.idle = 20ms, .sweep = 5ms});
  auto peer = connect();
  peer.send(get);
  ASSERT_TRUE(run_until_ended(peer));
  EXPECT_EQ(peer.received(), expected(ready));
  EXPECT_TRUE(peer.ended_well());
}

TEST_F(Server, TheIdleTimeDoesNotApplyToAQuestionThatIsWaiting) {
  told.at_once.reset();
  start({.head = 10ms, .idle = 10ms, .sweep = 1ms});
  auto peer = connect();
  peer.send(get);
  ASSERT_TRUE(run_until([&] { return told.questions == 1; }));
  io.restart();
  io.run_for(50ms);
  EXPECT_EQ(tested->sessions(), 1u);
  told.gate->cancel();
  ASSERT_TRUE(run_until_received(peer, expected(ready).size()));
}

TEST_F(Server, APeerThatDoesNotTakeItsAnswersIsClosedAfterTheWriteTime) {
  start({.write = 20ms, .requests = 1'000'000, .sweep = 5ms});
  auto peer = connect();
  peer.stop_reading();
  std::string questions;
  for (int i = 0; i < 200'000; ++i) questions += get;
  peer.send_in_background(questions);
  ASSERT_TRUE(run_until([&] { return tested->sessions() == 1; }));
  EXPECT_TRUE(run_until([&] { return tested->sessions() == 0; }));
}

TEST_F(Server, TheLastRequestAConnectionMayBringCloses) {
  start({.requests = 3});
  auto peer = connect();
  peer.send(get + get + get + get);
  peer.send_end();
  ASSERT_TRUE(run_until_ended(peer));
  EXPECT_EQ(peer.received(), expected(ready) + expected(ready) + expected(ready, connection_header::close));
  EXPECT_TRUE(peer.ended_well());
}

TEST_F(Server, AtTheCapTheLongestIdleConnectionMakesRoom) {
  start({.connections = 3});
  auto first = connect();
  first.send(get);
  ASSERT_TRUE(run_until_received(first, expected(ready).size()));
  auto second = connect();
  second.send(get);
  ASSERT_TRUE(run_until_received(second, expected(ready).size()));
  auto third = connect();
  ASSERT_TRUE(run_until([&] { return tested->sessions() == 3; }));
  auto fourth = connect();
  fourth.send(get);
  ASSERT_TRUE(run_until_received(fourth, expected(ready).size()));
  EXPECT_TRUE(first.ended_well());
  EXPECT_FALSE(second.ended());
  EXPECT_FALSE(third.ended());
  EXPECT_EQ(tested->sessions(), 3u);
}

TEST_F(Server, AtTheCapIdleConnectionsGoBeforeThoseThatAreSendingAHead) {
  start({.connections = 2});
  auto idle = connect();
  idle.send(get);
  ASSERT_TRUE(run_until_received(idle, expected(ready).size()));
  auto sending = connect();
  sending.send("GET /healthz HTTP/1.1\r\n");
  ASSERT_TRUE(run_until([&] { return tested->sessions() == 2; }));
  auto third = connect();
  third.send(get);
  ASSERT_TRUE(run_until_received(third, expected(ready).size()));
  EXPECT_TRUE(idle.ended_well());
  sending.send("\r\n");
  EXPECT_TRUE(run_until_received(sending, expected(ready).size()));
}

TEST_F(Server, AtTheCapTheOldestUnfinishedHeadMakesRoomIfNoneIsIdle) {
  start({.connections = 2});
  auto first = connect();
  ASSERT_TRUE(run_until([&] { return tested->sessions() == 1; }));
  auto second = connect();
  ASSERT_TRUE(run_until([&] { return tested->sessions() == 2; }));
  auto third = connect();
  third.send(get);
  ASSERT_TRUE(run_until_received(third, expected(ready).size()));
  ASSERT_TRUE(run_until_ended(first));
  EXPECT_FALSE(second.ended());
}

TEST_F(Server, AtTheCapNobodyIsCutOffWhoWaitsForAFirstAnswer) {
  told.at_once.reset();
  start({.connections = 1});
  auto first = connect();
  first.send(get);
  ASSERT_TRUE(run_until([&] { return told.questions == 1; }));
  auto second = connect();
  ASSERT_TRUE(run_until_ended(second));
  EXPECT_EQ(second.received(), "") << "nobody knows what it speaks: to some checkers any byte is a good one";
  told.gate->cancel();
  const auto answer = expected(ready, connection_header::close);
  ASSERT_TRUE(run_until_received(first, answer.size()));
  EXPECT_EQ(first.received(), answer);
}

TEST_F(Server, AtTheCapEveryAnswerClosesItsConnection) {
  start({.connections = 2});
  auto first = connect();
  first.send(get);
  ASSERT_TRUE(run_until_received(first, expected(ready).size()));
  auto second = connect();
  ASSERT_TRUE(run_until([&] { return tested->sessions() == 2; }));
  first.send(get + get);
  first.send_end();
  ASSERT_TRUE(run_until_ended(first));
  EXPECT_EQ(first.received(), expected(ready) + expected(ready, connection_header::close));
  EXPECT_TRUE(first.ended_well());
  second.send(get);
  ASSERT_TRUE(run_until_received(second, expected(ready).size()));
  EXPECT_EQ(second.received(), expected(ready)) << "there is room again";
}

TEST_F(Server, AtTheCapTheOneThatHadMostAnswersMakesRoomIfAllAreWaiting) {
  start({.connections = 3});
  auto once = connect();
  once.send(get);
  ASSERT_TRUE(run_until_received(once, expected(ready).size()));
  auto twice = connect();
  twice.send(get + get);
  ASSERT_TRUE(run_until_received(twice, 2 * expected(ready).size()));
  told.at_once.reset();
  once.send(get + get);
  twice.send(get + get);
  auto never = connect();
  never.send(get);
  ASSERT_TRUE(run_until([&] { return told.questions == 3; }));

  auto fourth = connect();
  fourth.send(get);
  ASSERT_TRUE(run_until([&] { return told.questions == 4; }));
  EXPECT_TRUE(run_until_ended(twice));
  EXPECT_FALSE(once.ended());
  auto fifth = connect();
  fifth.send(get);
  ASSERT_TRUE(run_until([&] { return told.questions == 5; }));
  EXPECT_TRUE(run_until_ended(once));
  auto sixth = connect();
  ASSERT_TRUE(run_until_ended(sixth));
  EXPECT_EQ(sixth.received(), "");
  EXPECT_EQ(tested->sessions(), 3u);

  told.gate->cancel();
  const auto answer = expected(ready, connection_header::close);
  for (const auto* const peer : {&never, &fourth, &fifth}) {
    EXPECT_TRUE(run_until_received(*peer, expected(ready).size()));
  }
  EXPECT_EQ(never.received(), answer);
}

TEST_F(Server, AtTheCapNobodyIsTakenForIdleWhoseAnswersAreBeingGiven) {
  net::peer_reactor reactor(io.get_executor());
  session_context context(reactor, endpoint_of(told), {.bounds = {.connections = 2}});
  auto acceptor = listen();
  client peer(io, acceptor.local_endpoint());
  auto socket = acceptor.accept();
  socket.non_blocking(true);
  socket.set_option(tcp::socket::send_buffer_size(1 << 16));  // it never has to wait for its peer
  reactor.queue(make_session({reactor, socket.release()}, context));
  peer.send(get);
  ASSERT_TRUE(run_until_received(peer, expected(ready).size()));
  std::string many;
  for (int i = 0; i < 140; ++i) many += "GET / HTTP/1.1\r\nUser-Agent: kube-probe/1.33\r\n\r\n";
  peer.send(many);
  ASSERT_TRUE(run_until([&] { return told.probes > 0; }));  // it gives way now, and most are not answered yet

  connection idle({reactor, -1}, context.open);
  idle.enter(phase::idle, 1min);
  ASSERT_TRUE(context.open.is_full());
  EXPECT_TRUE(context.open.make_room());
  EXPECT_EQ(context.open.count(), 1U);
  EXPECT_TRUE(run_until_received(peer, 141 * expected(ready).size()));
}

asio::awaitable<health::answer> answer_at_once() { co_return ready; }

/// As while the API server asks for patience: what it is asked then is answered without waiting.
TEST_F(Server, HoweverManyQuestionsComeAtOnceTheStackStaysShallow) {
  const char* highest = nullptr;
  std::size_t deepest = 0;
  int asked = 0;
  auto endpoint = endpoint_of(told);
  endpoint.at_once = [](std::string_view) { return std::nullopt; };
  endpoint.ask = [&](const std::string&) {
    const auto* const here = static_cast<const char*>(__builtin_frame_address(0));
    highest = std::max(highest, here, std::less<>{});
    deepest = std::max(deepest, static_cast<std::size_t>(highest - here));
    ++asked;
    return answer_at_once();
  };
  tested.emplace(listen(), std::move(endpoint));
  tested->start();
  constexpr std::size_t count = 2'000;
  auto peer = connect();
  std::string questions;
  for (std::size_t i = 0; i < count; ++i) questions += "GET / HTTP/1.1\r\n\r\n";
  peer.send_in_background(std::move(questions));
  EXPECT_TRUE(run_until_received(peer, count * expected(ready).size()));
  EXPECT_EQ(asked, 2'000);
  EXPECT_LT(deepest, 16U * 1024);
}

/// The machine may be suspended, or the container throttled, while a question comes.
TEST_F(Server, WhatCameInTimeIsAnsweredThoughTheProcessStoodStill) {
  for (const auto when : {net::peer_reactor::turns::at_once, net::peer_reactor::turns::after_others}) {
    start_with({.bounds = {.idle = 50ms, .sweep = 5ms}, .turns = when});
    auto peer = connect();
    peer.send(get);
    ASSERT_TRUE(run_until_received(peer, expected(ready).size()));
    peer.send(get);
    const auto late = std::chrono::steady_clock::now() + 100ms;
    while (std::chrono::steady_clock::now() < late) {
    }
    EXPECT_TRUE(run_until_received(peer, 2 * expected(ready).size()));
  }
}

TEST_F(Server, AtASmallCapNobodyIsCutOffForThoseWhoComeWithThem) {
  start({.connections = 4});
  auto many = connect();  // while somebody is never done, several are accepted at once
  std::string questions;
  for (int i = 0; i < 200; ++i) questions += "GET / HTTP/1.1\r\n\r\n";
  many.send(questions);
  std::vector<client> peers;
  for (int i = 0; i < 40; ++i) {
    peers.push_back(connect());
    peers.back().send("GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
  }
  for (const auto& peer : peers) {
    ASSERT_TRUE(run_until_ended(peer));
    EXPECT_EQ(peer.received(), expected(ready, connection_header::close));
  }
}

TEST_F(Server, AtTheCapWhoAsksAtOnceKeepsTheLastPlace) {
  told.at_once.reset();
  start({.connections = 3});
  auto one = connect(), other = connect();
  one.send(get);
  other.send(get);
  ASSERT_TRUE(run_until([&] { return told.questions == 2; }));  // nobody else will have their places
  std::vector<client> peers;
  for (int i = 0; i < 10; ++i) {
    peers.push_back(connect());
    peers.back().send("GET /livez HTTP/1.1\r\nConnection: close\r\n\r\n");
  }
  for (const auto& peer : peers) {
    ASSERT_TRUE(run_until_ended(peer));
    EXPECT_EQ(peer.received(), answers.alive(connection_header::close, true));
  }
}

TEST_F(Server, TooManyConnectionsAreToldOnceAndOnceThatItIsOver) {
  told.at_once.reset();
  start({.connections = 1, .linger = 1ms, .calm = 50ms, .sweep = 5ms});
  const std::string full = "connections are open, the limit", over = "fewer connections than the limit are open again";
  testing::internal::CaptureStderr();
  auto first = connect();
  first.send(get);
  run_until([&] { return told.questions == 1; });
  for (int i = 0; i < 3; ++i) run_until_ended(connect());
  io.restart();
  io.run_for(100ms);
  auto log = testing::internal::GetCapturedStderr();
  const auto begin = log.find("1 " + full);
  EXPECT_NE(begin, std::string::npos) << log;
  EXPECT_EQ(log.find(full, begin + full.size()), std::string::npos) << log;
  EXPECT_EQ(log.find(over), std::string::npos) << log;

  testing::internal::CaptureStderr();
  told.gate->cancel();
  run_until([&] { return tested->sessions() == 0; });
  io.restart();
  io.run_for(100ms);
  log = testing::internal::GetCapturedStderr();
  const auto end = log.find(over);
  EXPECT_NE(end, std::string::npos) << log;
  EXPECT_EQ(log.find(over, end + over.size()), std::string::npos) << log;
}

TEST_F(Server, MistakesOfManyAddressesAreToldOf32Times) {
  start();
  testing::internal::CaptureStderr();
  std::vector<tcp::socket> peers;
  for (unsigned i = 1; i <= 40; ++i) {
    auto& peer = peers.emplace_back(io, tcp::endpoint(asio::ip::address_v4(0x7F000000U + i), 0));
    peer.connect(tested->local_endpoint());
    asio::write(peer, asio::buffer("\x16\x03\x01", 3));
  }
  const auto has_ended = [](const tcp::socket& peer) {
    char byte = 0;
    return ::recv(const_cast<tcp::socket&>(peer).native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
  };
  EXPECT_TRUE(run_until([&] { return std::ranges::all_of(peers, has_ended); }));
  const auto log = testing::internal::GetCapturedStderr();
  EXPECT_NE(log.find(" client=127.0.0.1\n"), std::string::npos) << log;
  EXPECT_EQ(std::ranges::count(log, '\n'), 32) << log;
}

TEST_F(Server, WaitsForAnAnswerThatIsNotThereAtOnce) {
  told.at_once.reset();
  told.asked = {{health::state::unknown, health::reason::api_timeout}, {}};
  start();
  auto peer = connect();
  peer.send(get);
  ASSERT_TRUE(run_until([&] { return told.questions == 1; }));
  told.gate->cancel();
  ASSERT_TRUE(run_until_received(peer, expected(told.asked).size()));
  EXPECT_TRUE(peer.received().starts_with("HTTP/1.1 500 ApiTimeout\r\n"));
}

TEST_F(Server, AHeldAnswerIsMarked) {
  told.at_once = health::answer{ready.verdict, 17s};
  start();
  auto peer = connect();
  const auto wanted = answers.held(ready.verdict.reason, 17s, connection_header::none, true) +
                      answers.held(ready.verdict.reason, 17s, connection_header::none, false);
  peer.send(get + "HEAD / HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(run_until_received(peer, wanted.size()));
  EXPECT_EQ(peer.received(), wanted);
}

TEST_F(Server, AClientThatLeavesWhileItsQuestionWaitsLeavesNothingBehind) {
  told.at_once.reset();
  start();
  auto peer = connect();
  peer.send(get);
  ASSERT_TRUE(run_until([&] { return told.questions == 1; }));
  peer.reset();
  io.restart();
  io.poll();
  told.gate->cancel();
  EXPECT_TRUE(run_until([&] { return tested->sessions() == 0; }));
}

TEST_F(Server, CountsKubeletProbesOnHealthPathsOnly) {
  start();
  auto peer = connect();
  const std::string agent = " HTTP/1.1\r\nUser-Agent: kube-probe/1.30\r\n\r\n";
  peer.send("GET /healthz" + agent + "GET /livez" + agent + "GET /x" + agent + "POST /" + agent + get + "GET /" +
            agent);
  ASSERT_TRUE(run_until_received(peer, 3 * expected(ready).size()));
  EXPECT_TRUE(run_until([&] { return told.probes == 2; }));
}

TEST_F(Server, LivezIsGreenWhateverThePodAndAsksNobody) {
  told.at_once.reset();
  start();
  auto peer = connect();
  peer.send("GET /livez HTTP/1.1\r\n\r\n");
  const auto wanted = answers.alive(connection_header::none, true);
  ASSERT_TRUE(run_until_received(peer, wanted.size()));
  EXPECT_EQ(peer.received(), wanted);
  EXPECT_EQ(told.questions, 0);
}

TEST_F(Server, WhileDrainingEveryAnswerClosesItsConnection) {
  start();
  auto peer = connect();
  peer.send(get);
  ASSERT_TRUE(run_until_received(peer, expected(ready).size()));
  told.draining = true;
  told.at_once = {{health::state::unhealthy, health::reason::draining}, {}};
  peer.send(get + get);
  ASSERT_TRUE(run_until_received(peer, (expected(ready) + expected(*told.at_once, connection_header::close)).size()));
  peer.send_end();
  ASSERT_TRUE(run_until_ended(peer));
  EXPECT_EQ(peer.received(), expected(ready) + expected(*told.at_once, connection_header::close));
  EXPECT_TRUE(peer.ended_well());
}

asio::awaitable<void> note_when_empty(server* tested, std::chrono::milliseconds at_most, std::optional<bool>* empty) {
  const bool result = co_await tested->wait_until_empty(at_most);
  *empty = result;
}

TEST_F(Server, StopsInOrder) {
  told.at_once.reset();
  start();
  auto idle = connect();
  idle.send("GET /livez HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(run_until_received(idle, 1));
  auto waiting = connect();
  waiting.send(get);
  ASSERT_TRUE(run_until([&] { return told.questions == 1; }));

  const auto at = tested->local_endpoint();
  tested->stop_accepting();
  told.draining = true;
  tested->close_idle();
  EXPECT_EQ(tested->sessions(), 1u);
  tcp::socket late(io);
  error_code refused;
  late.connect(at, refused);
  EXPECT_EQ(refused, asio::error::connection_refused);

  std::optional<bool> empty;
  asio::co_spawn(io, note_when_empty(&*tested, 1min, &empty), asio::detached);
  told.gate->cancel();
  ASSERT_TRUE(run_until_received(waiting, expected(ready, connection_header::close).size()));
  EXPECT_FALSE(empty.has_value());
  waiting.send_end();
  ASSERT_TRUE(run_until([&] { return empty.has_value(); }));
  EXPECT_TRUE(*empty);
  EXPECT_TRUE(idle.ended_well());
}

TEST_F(Server, StoppingClosesConnectionsThatNeverSaidAWordAndNoneThatIsAsking) {
  start();
  auto silent = connect();
  ASSERT_TRUE(run_until([&] { return tested->sessions() == 1; }));
  auto sending = connect();
  ASSERT_TRUE(run_until([&] { return tested->sessions() == 2; }));
  sending.send("GET /healthz HTTP/1.1\r\n");
  io.restart();
  io.poll();
  auto unread = connect();
  ASSERT_TRUE(run_until([&] { return tested->sessions() == 3; }));
  unread.send(get);

  tested->close_idle();
  EXPECT_EQ(tested->sessions(), 2u);
  ASSERT_TRUE(run_until_ended(silent));
  EXPECT_TRUE(silent.ended_well());
  ASSERT_TRUE(run_until_received(unread, expected(ready).size()));
  sending.send("\r\n");
  EXPECT_TRUE(run_until_received(sending, expected(ready).size()));
}

TEST_F(Server, WaitingForTheLastConnectionEndsWithItsTime) {
  start();
  auto peer = connect();
  ASSERT_TRUE(run_until([&] { return tested->sessions() == 1; }));
  std::optional<bool> empty;
  asio::co_spawn(io, note_when_empty(&*tested, 20ms, &empty), asio::detached);
  ASSERT_TRUE(run_until([&] { return empty.has_value(); }));
  EXPECT_FALSE(*empty);
}

TEST_F(Server, AnErrorWithinCostsOneConnectionOnly) {
  auto opened = open_listener(io.get_executor(), asio::ip::make_address("127.0.0.1"), 0, false);
  auto endpoint = endpoint_of(told);
  bool fail = true;
  endpoint.at_once = [&](std::string_view) -> std::optional<health::answer> {
    if (fail) throw std::runtime_error("a bug");
    return ready;
  };
  tested.emplace(std::move(opened).value(), endpoint);
  tested->start();
  auto first = connect();
  first.send(get);
  ASSERT_TRUE(run_until_ended(first));
  EXPECT_EQ(tested->sessions(), 0u);
  fail = false;
  auto second = connect();
  second.send(get);
  EXPECT_TRUE(run_until_received(second, expected(ready).size()));
}

TEST_F(Server, AcceptsAgainWhenFilesAreAvailableAgain) {
  start();
  // UBSan looks at an object's type once, and needs a file to do so: the loop's and the log's come first.
  io.poll();
  log::error("now no file is left");
  auto peer = connect();
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const int lowest_free = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ASSERT_GE(lowest_free, 0);
  ::close(lowest_free);
  auto none_left = before;
  none_left.rlim_cur = static_cast<rlim_t>(lowest_free);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none_left), 0);
  peer.send(get);
  io.restart();
  io.run_for(50ms);
  EXPECT_EQ(tested->sessions(), 0u);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_TRUE(run_until_received(peer, expected(ready).size()));
}

TEST_F(Server, MayGoWhileConnectionsAreOpen) {
  told.at_once.reset();
  start();
  auto waiting = connect();
  waiting.send(get);
  auto sending = connect();
  sending.send("GET");
  auto idle = connect();
  idle.send("GET /livez HTTP/1.1\r\n\r\n");
  ASSERT_TRUE(run_until_received(idle, 1));
  ASSERT_TRUE(run_until([&] { return told.questions == 1 && tested->sessions() == 3; }));
  io.stop();
  tested.reset();  // before the io_context, whose end ends the sessions
}

}  // namespace
}  // namespace sidecar::http
