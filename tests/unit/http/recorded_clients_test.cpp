#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "sidecar/http/client_remarks.hpp"
#include "tls_clients.hpp"

/// What a server counts and records of its clients, while they are served.
namespace sidecar::http {
namespace {

using namespace std::string_literals;

class RecordedClients : public tls_fixture {
 protected:
  void start_recording(const limits& bounds = {}, unsigned drain_status = 500) {
    tested.emplace(listen(), told,
                   server_settings{.statuses = {.drain = drain_status}, .bounds = bounds, .records_clients = true});
    tested->serve_agent(listen());
    tested->start();
  }
  void start_recording_with_tls(const limits& bounds = {}) {
    context = net::make_server_context(identity()).value();
    start_with({.bounds = bounds, .tls = [this] { return context; }, .records_clients = true});
  }

  client_record record_of(const std::string& address) const {
    for (const auto& one : tested->clients()->records()) {
      if (one.address.to_string() == address) return one;
    }
    ADD_FAILURE() << address << " has no record";
    return {};
  }
  client_record only() const {
    EXPECT_EQ(tested->clients()->records().size(), 1U);
    return record_of("127.0.0.1");
  }

  /// A client at `address` sends this and ends its side.
  std::string exchange(const std::string& address, const std::string& bytes) {
    auto peer = connect_from(address);
    peer.send(bytes);
    peer.send_end();
    EXPECT_TRUE(run_until_ended(peer));
    EXPECT_TRUE(run_until([&] { return tested->connections() == 0; }));
    return peer.received();
  }
};

TEST_F(RecordedClients, ThereAreNoneByDefault) {
  start();
  connect_and_get(ready);
  EXPECT_EQ(tested->clients(), nullptr);
  EXPECT_EQ(tested->traffic().answered(answer_kind::healthy, false), 1U) << "counters are always there";
}

TEST_F(RecordedClients, RequestsThatArePipelinedCameAtOnce) {
  start_recording();
  exchange("127.0.0.1", "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(only().requests, 2U);
  EXPECT_EQ(only().interval, 0s) << "no client that sends requests every few microseconds";
}

TEST_F(RecordedClients, EachHasItsLastRequestAndAnswer) {
  start_recording();
  told.now = health::answer{not_ready.verdict, 17s};
  exchange("127.0.0.2", "OPTIONS /healthz/game HTTP/1.0\r\n\r\n");
  told.now = ready;
  exchange("127.0.0.3", "HEAD / HTTP/1.1\r\nHost: a.example:3000\r\nUser-Agent: <b>\xff\r\n\r\n");
  EXPECT_EQ(exchange("127.0.0.4", "GET /\r\n"), "OK");
  exchange("127.0.0.5", "GET /livez HTTP/1.1\r\n\r\n");

  const auto first = record_of("127.0.0.2");
  EXPECT_EQ(first.request.method, method::options);
  EXPECT_EQ(first.request.protocol, client_protocol::http_1_0);
  EXPECT_EQ(first.request.path.view(), "/healthz/game");
  EXPECT_EQ(first.request.host.view(), "");
  EXPECT_FALSE(first.request.tls);
  EXPECT_EQ(first.request.proxy_source.view(), "");
  EXPECT_EQ(first.answer.status, 500U);
  EXPECT_EQ(first.answer.reason, health::reason::container_not_ready);
  EXPECT_TRUE(first.answer.held);
  EXPECT_EQ(first.requests, 1U);
  EXPECT_EQ(first.connections, 1U);
  EXPECT_EQ(first.mute, 0U);

  const auto second = record_of("127.0.0.3");
  EXPECT_EQ(second.request.method, method::head);
  EXPECT_EQ(second.request.protocol, client_protocol::http_1_1);
  EXPECT_EQ(second.request.host.view(), "a.example:3000");
  EXPECT_EQ(second.request.user_agent.view(), "<b>\xff");
  EXPECT_EQ(second.answer.status, 200U);
  EXPECT_FALSE(second.answer.held);

  EXPECT_EQ(record_of("127.0.0.4").request.protocol, client_protocol::http_0_9);
  const auto of_livez = record_of("127.0.0.5");
  EXPECT_EQ(of_livez.answer.status, 200U);
  EXPECT_FALSE(of_livez.answer.reason);

  const auto& counted = tested->traffic();
  EXPECT_EQ(counted.answered(answer_kind::unhealthy, true), 1U);
  EXPECT_EQ(counted.answered(answer_kind::healthy, false), 2U) << "/livez is not about the pod";
  EXPECT_EQ(tested->clients()->records()[0].address.to_string(), "127.0.0.5");
}

TEST_F(RecordedClients, ARefusalCountsUnderTheStatusThatWasSent) {
  start_recording({.head = 50ms, .linger = 20ms, .sweep = 5ms}, 404);
  const std::pair<std::string, unsigned> rows[] = {
      {"GET /x HTTP/1.1\r\n\r\n", 400},  // DRAIN_STATUS is 404
      {"POST / HTTP/1.1\r\n\r\n", 405},
      {"GET / HTTP/1.1\r\nContent-Length: 1\r\n\r\n", 413},
      {"GET / HTTP/1.1\r\nX: " + std::string(9'000, 'x') + "\r\n\r\n", 431},
      {"GET / HTTP/2.0\r\n\r\n", 505},
      {"GET  / HTTP/1.1\r\n\r\n", 400},
  };
  for (const auto& [bytes, status] : rows) {
    const auto before = tested->traffic().refused(status);
    const auto answer = exchange("127.0.0.1", bytes);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 " + std::to_string(status))) << answer;
    EXPECT_EQ(tested->traffic().refused(status), before + 1) << bytes;
    EXPECT_EQ(only().answer.status, status);
    EXPECT_TRUE(only().answer.refusal);
    EXPECT_FALSE(only().answer.reason);
  }
  auto late = connect();
  late.send("GET / HTTP/1.1\r\nHost");
  ASSERT_TRUE(run_until_ended(late));
  EXPECT_EQ(tested->traffic().refused(408), 1U);
  EXPECT_EQ(only().requests, std::size(rows) + 1);
  EXPECT_EQ(tested->traffic().refused(404), 0U);
}

TEST_F(RecordedClients, AWrongPathEarnsARemark) {
  start_recording();
  exchange("127.0.0.2", get);
  exchange("127.0.0.3", "GET /health_check HTTP/1.1\r\n\r\n");
  const auto all = tested->clients()->records();
  const auto now = std::chrono::steady_clock::now();
  EXPECT_EQ(remarks(record_of("127.0.0.3"), all, now),
            std::vector{"requests /health_check, which is 404: use /healthz, /health or /"s});
  EXPECT_EQ(remarks(record_of("127.0.0.2"), all, now), std::vector<std::string>{});
}

TEST_F(RecordedClients, AKeptConnectionHasAnInterval) {
  start_recording();
  auto peer = connect_and_get(ready);
  EXPECT_EQ(only().interval, 0s);
  const auto first = only().last_request;
  for (std::size_t count = 2; count <= 3; ++count) {
    peer.send(get);
    ASSERT_TRUE(run_until_received(peer, count * expected(ready).size()));
  }
  ASSERT_TRUE(run_until([&] { return only().interval > 0s; }));
  EXPECT_GT(only().last_request, first);
  EXPECT_LE(only().last_request, std::chrono::steady_clock::now());
  EXPECT_EQ(only().requests, 3U);
  EXPECT_EQ(only().connections, 1U);
  EXPECT_EQ(tested->clients()->active(std::chrono::steady_clock::now(), 60s), 1U);
}

/// Its bytes are gone by the time that it is answered, and another connection has sent another request.
TEST_F(RecordedClients, AQueryThatWaitedIsRecordedWithItsOwnAnswer) {
  told.now.reset();
  told.later = not_ready;
  start_recording();
  auto waits = connect();
  waits.send("GET /health HTTP/1.1\r\nX: " + std::string(2'000, 'x') + "\r\nHost: slow\r\n\r\n");
  ASSERT_TRUE(run_until([&] { return told.queries == 1; }));
  EXPECT_EQ(only().requests, 0U);
  auto other = connect();
  other.send("GET /x HTTP/1.1\r\nHost: quick\r\n\r\n");
  ASSERT_TRUE(run_until_received(other, expected(refusal::not_found, connection_header::none).size()));
  EXPECT_EQ(only().request.host.view(), "quick");
  told.gate->cancel();
  ASSERT_TRUE(run_until_received(waits, expected(not_ready).size()));
  EXPECT_EQ(only().request.path.view(), "/health");
  EXPECT_EQ(only().request.host.view(), "slow");
  EXPECT_EQ(only().answer.status, 500U);
  EXPECT_FALSE(only().answer.refusal);
  EXPECT_EQ(only().requests, 2U);
}

TEST_F(RecordedClients, AConnectionWithoutARequestIsMute) {
  start_recording();
  EXPECT_EQ(exchange("127.0.0.1", ""), "");
  EXPECT_EQ(exchange("127.0.0.1", "HTTP GET /healthz\r\n"), "") << "F5's way";
  EXPECT_EQ(only().connections, 2U);
  EXPECT_EQ(only().mute, 2U);
  EXPECT_EQ(only().requests, 0U);
  EXPECT_EQ(only().request.protocol, client_protocol::none);
  EXPECT_EQ(remarks(only(), {}, std::chrono::steady_clock::now()).size(), 1U);
  EXPECT_EQ(tested->clients()->active(std::chrono::steady_clock::now(), 60s), 0U);
}

TEST_F(RecordedClients, AProxyHeaderNamesTheSourceOfARequest) {
  start_recording();
  exchange("127.0.0.2", "PROXY TCP4 192.0.2.1 192.0.2.2 4711 3000\r\n" + get);
  exchange("127.0.0.3", "\r\n\r\n\0\r\nQUIT\n\x20\0\0\0"s + get);
  EXPECT_EQ(record_of("127.0.0.2").request.proxy_source.view(), "192.0.2.1");
  EXPECT_EQ(record_of("127.0.0.3").request.proxy_source.view(), "the proxy itself");
}

TEST_F(RecordedClients, AnAgentCheckIsAnAnswerToo) {
  told.now = {health::verdict_of(health::reason::pod_terminating)};
  start_recording({}, 404);
  client haproxy(io, tested->agent_endpoint());
  ASSERT_TRUE(run_until_received(haproxy, 9));
  EXPECT_EQ(only().request.protocol, client_protocol::agent);
  EXPECT_EQ(only().answer.status, 404U);
  EXPECT_EQ(only().answer.reason, health::reason::pod_terminating);
  EXPECT_EQ(only().requests, 1U);
  EXPECT_EQ(tested->traffic().answered(answer_kind::drain, false), 1U);
  EXPECT_EQ(tested->clients()->active(std::chrono::steady_clock::now(), 60s), 1U);
}

TEST_F(RecordedClients, AnEvictionIsCountedAndAnOrderlyEndIsNot) {
  start_recording({.connections = 1});
  const auto first = connect();
  ASSERT_TRUE(run_until([&] { return tested->connections() == 1; }));
  auto second = connect();
  ASSERT_TRUE(run_until_ended(first));
  EXPECT_EQ(tested->traffic().evicted, 1U);
  second.send("OPTIONS / HTTP/1.0\r\n\r\n");
  ASSERT_TRUE(run_until_ended(second));
  auto third = connect();
  ASSERT_TRUE(run_until([&] { return tested->connections() == 1; }));
  tested->close_idle();
  ASSERT_TRUE(run_until_ended(third));
  EXPECT_EQ(tested->traffic().evicted, 1U);
}

TEST_F(RecordedClients, TlsIsRecordedAndAFailedHandshakeCounted) {
  start_recording_with_tls({.linger = 20ms, .sweep = 5ms});
  auto secured = connect_secured();
  secured.send(get);
  ASSERT_TRUE(run_until([&] { return secured.received() == expected(ready); }));
  EXPECT_TRUE(only().request.tls);
  EXPECT_EQ(tested->traffic().handshake_failures, 0U);

  auto plain = connect_from("127.0.0.2");
  plain.send(get);
  ASSERT_TRUE(run_until_ended(plain));
  EXPECT_FALSE(record_of("127.0.0.2").request.tls);
  EXPECT_EQ(record_of("127.0.0.2").answer.refusal, refusal::tls_required);
  EXPECT_EQ(tested->traffic().refused(400), 1U);

  auto broken = connect_from("127.0.0.3");
  broken.send("\x16\x03\x01\0\x05hello"s);
  ASSERT_TRUE(run_until_ended(broken));
  EXPECT_EQ(tested->traffic().handshake_failures, 1U);
  ASSERT_TRUE(run_until([&] { return record_of("127.0.0.3").mute == 1; }));
}

}  // namespace
}  // namespace sidecar::http
