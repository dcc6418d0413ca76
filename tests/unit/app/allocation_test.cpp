#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdlib>
#include <deque>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "sidecar/http/listener.hpp"
#include "sidecar/http/server.hpp"
#include "sidecar/node/known_pods.hpp"
#include "sidecar/node/node_service.hpp"
#include "sidecar/pod/health_service.hpp"
#include "support/vitals.hpp"
#include "unit/app/allocation_counter.hpp"
#include "unit/pod/scripted_source.hpp"

/// In steady state an answer on a kept connection costs next to no memory: Asio keeps the frames of what has ended for
/// what begins.
namespace sidecar::app {
namespace {

using namespace std::chrono_literals;
namespace asio = boost::asio;
using pod::pod_with;
using pod::scripted_source;
using tcp = asio::ip::tcp;

/// A client that allocates nothing itself.
class frugal_client {
 public:
  explicit frugal_client(std::uint16_t port) : socket_(context_) {
    socket_.connect({asio::ip::address_v4::loopback(), port});
  }

  void send(std::string_view request) {
    EXPECT_EQ(::send(socket_.native_handle(), request.data(), request.size(), 0), std::ssize(request));
  }

  /// The status of the answer; 0 if there is none.
  int read() {
    std::array<char, 1024> answer{};
    const auto got = ::recv(socket_.native_handle(), answer.data(), answer.size(), 0);
    return got > 12 ? std::atoi(answer.data() + 9) : 0;
  }

 private:
  asio::io_context context_;
  tcp::socket socket_;
};

struct way {
  const char* name;
  std::string request;
  bool from_memory = false;
  bool ready = true;
};
void PrintTo(const way& row, std::ostream* out) { *out << row.name; }

const std::string uid = "00000000-0000-4000-8000-000000000001";

class Allocations : public testing::TestWithParam<way> {
 protected:
  Allocations() {
    if (GetParam().from_memory) {
      settings.answers.source = pod::snapshot_cache::source::cache;
      settings.answers.bound_uid = [] { return uid; };
    } else {
      settings.answers.override_verdict = health::verdict_of(
          GetParam().ready ? health::reason::state_override_healthy : health::reason::state_override_unhealthy);
    }
    service.emplace(context.get_executor(), settings, &source);
    if (GetParam().from_memory) service->publish({pod_with(GetParam().ready, uid), boottime_clock::now() + 1h});
    auto listener = http::open_listener(context.get_executor(), asio::ip::make_address("127.0.0.1"), 0, false);
    port = listener.value().local_endpoint().port();
    server.emplace(std::move(*listener), *service, http::server_settings{});
    server->start();
    thread = std::thread([this] { context.run(); });
  }
  ~Allocations() override {
    context.stop();
    thread.join();
  }

  void SetUp() override {
    if (test::under_sanitizer) GTEST_SKIP() << "the sanitizer allocates by itself";
  }

  /// Of that many answers to each of the clients, who all ask at once.
  std::size_t cost(std::deque<frugal_client>& clients, int rounds) const {
    const int wanted = GetParam().ready ? 200 : 500;
    const auto before = test::allocations();
    int wrong = 0;
    for (int i = 0; i < rounds; ++i) {
      for (auto& one : clients) one.send(GetParam().request);
      for (auto& one : clients) wrong += one.read() == wanted ? 0 : 1;
    }
    const auto after = test::allocations();
    EXPECT_EQ(wrong, 0);
    return after - before;
  }

  std::deque<frugal_client> connect(std::size_t count) {
    std::deque<frugal_client> clients;
    while (clients.size() < count) clients.emplace_back(port);
    cost(clients, 100);
    return clients;
  }

  asio::io_context context{1};
  scripted_source source{context.get_executor()};
  pod::health_settings settings{.answers = {.hold = {.stale_grace = 30s}}, .answer_timeout = 1s};
  std::optional<pod::health_service> service;
  std::optional<http::server> server;
  std::uint16_t port = 0;
  std::thread thread;
};

TEST_P(Allocations, TwoAtMostForAnAnswerOnceTheConnectionIsOpen) {
  auto clients = connect(1);
  EXPECT_LE(cost(clients, 1'000), 2'000U);
}

TEST_P(Allocations, TwoAtMostWhereManyAskAtOnce) {
  auto clients = connect(64);
  EXPECT_LE(cost(clients, 20), 2U * 64 * 20);
}

TEST(WhatIsAnsweredNow, CostsNoMemory) {
  if (test::under_sanitizer) GTEST_SKIP() << "the sanitizer allocates by itself";
  asio::io_context context{1};
  scripted_source source{context.get_executor()};
  for (const auto origin : {pod::snapshot_cache::source::cache, pod::snapshot_cache::source::live}) {
    pod::health_service service(context.get_executor(),
                                {.answers = {.containers = {"a-container-of-some-length"},
                                             .bound_uid = [] { return uid; },
                                             .hold = {.stale_grace = 30s},
                                             .source = origin}},
                                &source);
    service.publish({pod_with(true, uid), boottime_clock::now()});
    const auto before = test::allocations();
    for (int i = 0; i < 100; ++i) EXPECT_EQ(service.current().verdict.reason, health::reason::no_such_container);
    EXPECT_EQ(test::allocations(), before);
  }
}

TEST(WhatANodeAnswers, CostsNoMemory) {
  if (test::under_sanitizer) GTEST_SKIP() << "the sanitizer allocates by itself";
  asio::io_context context{1};
  node::known_pods known;
  kube::node_pods listed{.observed = boottime_clock::now(), .version = "100"};
  for (int i = 0; i < 110; ++i) {
    listed.pods.push_back({.namespace_name = "a-namespace-of-some-length",
                           .workload = "a-workload-of-some-length-" + std::to_string(i % 30),
                           .name = "pod-" + std::to_string(i),
                           .version = "1",
                           .judged = health::reason::all_containers_ready,
                           .containers = {{"game", health::reason::container_ready}}});
  }
  known.list(std::move(listed));
  node::node_service service(context.get_executor(), {.hold = {.stale_grace = 30s}}, known);
  const std::pair<std::string_view, health::reason> rows[] = {
      {"a-namespace-of-some-length/a-workload-of-some-length-7", health::reason::all_containers_ready},
      {"a-namespace-of-some-length/a-workload-of-some-length-7/GAME", health::reason::container_ready},
      {"a-namespace-of-some-length/a-workload-that-is-not-there", health::reason::no_pod_on_node},
      {"nodez", health::reason::node_known},
      {"", health::reason::workload_not_named}};
  const auto before = test::allocations();
  for (const auto& [named, expected] : rows) {
    for (int i = 0; i < 100; ++i) EXPECT_EQ(service.answer_now(named)->verdict.reason, expected);
  }
  EXPECT_EQ(test::allocations(), before);
}

TEST(AllocationCounter, CountsWhatAnotherThreadAllocates) {
  if (test::under_sanitizer) GTEST_SKIP() << "the sanitizer allocates by itself";
  std::string kept;
  const auto before = test::allocations();
  std::thread([&kept] { kept.assign(100, 'x'); }).join();
  EXPECT_GE(test::allocations(), before + 2) << "the thread's and the text's";
}

const way ways[] = {
    {"Override", "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"},
    {"OverrideUnhealthy", "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n", false, false},
    {"OverrideHead", "HEAD / HTTP/1.1\r\nHost: h\r\n\r\n"},
    {"OverrideManyFields",
     "GET /healthz?x=1 HTTP/1.1\r\nHost: a.long.name.example:3000\r\nUser-Agent: kube-probe/1.36\r\nAccept: */*\r\n"
     "Accept-Encoding: gzip, deflate\r\nX-Forwarded-For: 203.0.113.77, 198.51.100.1\r\n\r\n"},
    {"OverrideKeptByVersion10", "GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"},
    {"Memory", "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n", true},
    {"MemoryOfAContainer", "GET /healthz/game HTTP/1.1\r\nHost: h\r\n\r\n", true},
    {"MemoryOfAContainerByAnotherCase", "GET /healthz/GAME HTTP/1.1\r\nHost: h\r\n\r\n", true},
    {"MemoryOfNoContainer", "GET /healthz/that-has-a-name-of-some-length HTTP/1.1\r\n\r\n", true, false},
    {"MemoryUnhealthy", "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n", true, false},
};

INSTANTIATE_TEST_SUITE_P(With, Allocations, testing::ValuesIn(ways),
                         [](const auto& row) { return std::string{row.param.name}; });

}  // namespace
}  // namespace sidecar::app
