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
#include <utility>
#include <vector>

#include "sidecar/app/health_service.hpp"
#include "sidecar/http/listener.hpp"
#include "sidecar/http/server.hpp"
#include "support/vitals.hpp"
#include "unit/app/allocation_counter.hpp"
#include "unit/app/scripted_source.hpp"
#include "unit/net/run.hpp"

/// In steady state an answer costs no memory at all: what there is to allocate is allocated with the connection.
namespace sidecar::app {
namespace {

using namespace std::chrono_literals;
using tcp = asio::ip::tcp;

/// A client that allocates nothing itself.
class frugal_client {
 public:
  frugal_client(asio::io_context& context, std::uint16_t port) : context_(context), socket_(context) {
    socket_.connect({asio::ip::address_v4::loopback(), port});
  }

  void send(std::string_view request) {
    EXPECT_EQ(::send(socket_.native_handle(), request.data(), request.size(), 0), std::ssize(request));
  }

  /// The status of the answer; 0 if there is none.
  int read() {
    std::array<char, 1024> answer{};
    for (int turn = 0; turn < 1000; ++turn) {
      const auto got = ::recv(socket_.native_handle(), answer.data(), answer.size(), MSG_DONTWAIT);
      if (got > 12) return std::atoi(answer.data() + 9);
      context_.poll();
    }
    return 0;
  }

 private:
  asio::io_context& context_;
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

/// Answers each call at once.
class prompt_source final : public kube::pod_source {
 public:
  asio::awaitable<kube::fetch_result> fetch_pod(std::function<void()> seal) override {
    seal();
    co_return kube::observation{pod_with(ready, uid), boottime_clock::now()};
  }
  bool ready = true;
};

class Allocations : public testing::TestWithParam<way> {
 protected:
  Allocations() {
    if (GetParam().from_memory) {
      settings.begins_with = memory::interrupted;
      settings.bound_uid = [] { return uid; };
    } else {
      settings.override_verdict = health::verdict_of(GetParam().ready ? health::reason::state_override_healthy
                                                                      : health::reason::state_override_unhealthy);
    }
    source.ready = GetParam().ready;
    service.emplace(context.get_executor(), settings, &source);
    if (GetParam().from_memory) {
      const auto looked = test::start(context, service->look());
      context.poll();
      context.restart();
      service->set_memory(memory::watching);
    }
    auto listener = http::open_listener(context.get_executor(), asio::ip::make_address("127.0.0.1"), 0, false);
    port = listener.value().local_endpoint().port();
    server.emplace(std::move(*listener), endpoint(), http::server_settings{});
    server->start();
  }

  void SetUp() override {
    if (test::under_sanitizer) GTEST_SKIP() << "the sanitizer allocates by itself";
  }

  http::health_endpoint endpoint() {
    return {.at_once =
                [this](std::string_view container) {
                  if (planted) kept.assign(planted, 'x');
                  return service->at_once(container);
                },
            .ask = [this](std::string container) { return service->ask(std::move(container)); },
            .on_kubelet_probe = [] {},
            .draining = [] { return false; }};
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
    while (clients.size() < count) clients.emplace_back(context, port);
    cost(clients, 10);
    return clients;
  }

  asio::io_context context{1};
  health_settings settings{.override_verdict = {}, .stale_grace = 30s, .answer_timeout = 1s};
  prompt_source source;
  std::optional<health_service> service;
  std::optional<http::server> server;
  std::uint16_t port = 0;
  std::size_t planted = 0;
  std::string kept;
};

TEST_P(Allocations, NoneForAnAnswerOnceTheConnectionIsOpen) {
  auto clients = connect(1);
  EXPECT_EQ(cost(clients, 1'000), 0U);
}

TEST_P(Allocations, NoneWhereManyAskAtOnce) {
  auto clients = connect(64);
  EXPECT_EQ(cost(clients, 20), 0U);
}

TEST_P(Allocations, PlantedOneIsFound) {
  auto clients = connect(1);
  planted = 100;
  EXPECT_EQ(cost(clients, 1), 1U);
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
