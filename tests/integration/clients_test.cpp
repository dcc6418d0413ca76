#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "daemon.hpp"
#include "support/vitals.hpp"

/// What clients may do to it, by the catalogue's numbers; catalogue_c_p.md says where each row is. After every one the
/// next good question is answered rightly.
namespace sidecar::test {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

class CatalogueClients : public cluster_fixture {
 protected:
  /// How long an answer takes; the median of some, since the machine has other things to do.
  static clock::duration usual_answer_time(const daemon& sidecar) {
    std::vector<clock::duration> times;
    for (int i = 0; i < 9; ++i) {
      const auto asked = clock::now();
      EXPECT_EQ(sidecar.ask(), "200 OK");
      times.push_back(clock::now() - asked);
    }
    std::ranges::nth_element(times, times.begin() + 4);
    return times[4];
  }
};

TEST_F(CatalogueClients, C01SlowHeadersEndAfterFiveSecondsAndKeepNobodyWaiting) {
  const auto sidecar = start();
  const std::string line = "GET /healthz HTTP/1.1\r\n";
  const std::string rest = "X-Slow: " + std::string(1000, 'x');
  std::vector<std::unique_ptr<http_client>> slow;
  const auto began = clock::now();
  for (int i = 0; i < 500; ++i) slow.push_back(std::make_unique<http_client>("127.0.0.1", sidecar->port()));
  // Half of them have sent their first line; what the others send may be anything yet, and so they are told nothing.
  const auto is_late = [](std::size_t client) { return client % 2 == 0; };
  for (std::size_t i = 0; i < slow.size(); ++i) {
    if (is_late(i)) slow[i]->send(line);
  }
  std::string first;
  for (std::size_t sent = 0; first.empty() && sent < rest.size(); ++sent) {
    for (const auto& client : slow) client->send(rest.substr(sent, 1));
    EXPECT_EQ(sidecar->ask(), "200 OK");
    first = slow.front()->read_for(200ms);
  }
  EXPECT_TRUE(first.starts_with("HTTP/1.1 408 ")) << first;
  EXPECT_GE(clock::now() - began, 5s);
  for (std::size_t i = 1; i < slow.size(); ++i) {
    if (is_late(i)) {
      ASSERT_EQ(summary(slow[i]->read_response()), "408 Request Timeout") << i;
    } else {
      ASSERT_EQ(slow[i]->read_until_end(), "") << i;
    }
  }
  EXPECT_LT(clock::now() - began, 8s);
  expect_right_answers(*sidecar);
}

/// So many sockets of this process as its limit allows, the oldest first to go: the sidecar has closed those already.
class crowd {
 public:
  crowd() {
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    before_ = files;
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    room_ = std::min<std::size_t>(files.rlim_cur, 20'000) - 100;
  }
  ~crowd() {
    members_.clear();
    ::setrlimit(RLIMIT_NOFILE, &before_);
  }
  crowd(const crowd&) = delete;
  crowd& operator=(const crowd&) = delete;

  void join(std::uint16_t port) {
    if (members_.size() == room_) members_.pop_front();
    members_.push_back(std::make_unique<http_client>("127.0.0.1", port));
  }
  http_client& youngest() { return *members_.back(); }

 private:
  rlimit before_{};
  std::size_t room_ = 0;
  std::deque<std::unique_ptr<http_client>> members_;
};

TEST_F(CatalogueClients, C02TenThousandIdleConnectionsCostLittleAndKeepNobodyOut) {
  const auto sidecar = start();
  const vitals consumption{sidecar->running().id()};
  EXPECT_EQ(sidecar->ask(), "200 OK");
  const auto before = consumption.resident_kilobytes();
  crowd idle;
  for (int i = 0; i < 10'000; ++i) idle.join(sidecar->port());
  EXPECT_LT(usual_answer_time(*sidecar), 100ms);
  if (!under_sanitizer) {
    EXPECT_LE(growth(consumption.resident_kilobytes(), before), 6'000U);
  }
  const auto busy = consumption.processor_time();
  EXPECT_EQ(idle.youngest().read_for(2s), "");
  EXPECT_LE(consumption.processor_time() - busy, 20ms) << "of two seconds";
  expect_right_answers(*sidecar);
}

TEST_F(CatalogueClients, C03ConnectionsThatAreResetOrVanishLeaveNothingBehind) {
  const auto sidecar = start();
  const vitals consumption{sidecar->running().id()};
  http_client kept{"127.0.0.1", sidecar->port()};
  EXPECT_EQ(summary(kept.ask(request("GET /healthz"))), "200 OK");
  const auto before = consumption.open_files();
  for (int i = 0; i < 2'000; ++i) http_client{"127.0.0.1", sidecar->port()}.reset();
  for (int i = 0; i < 100; ++i) {
    http_client vanishing{"127.0.0.1", sidecar->port()};
    vanishing.send("GET /");
    // As when a peer's machine is switched off: in repair mode no FIN is sent. Root may do that; others send one.
    const int on = 1;
    ::setsockopt(vanishing.handle(), IPPROTO_TCP, TCP_REPAIR, &on, sizeof on);
  }
  EXPECT_EQ(sidecar->ask(), "200 OK");
  const auto end = clock::now() + 8s;
  while (consumption.open_files() != before && clock::now() < end) kept.read_for(100ms);
  EXPECT_EQ(consumption.open_files(), before);
  EXPECT_EQ(summary(kept.ask(request("GET /healthz"))), "200 OK");
  expect_right_answers(*sidecar);
}

/// Clients that send one thing over and over, each on a new connection, until it is destroyed.
class flood_of {
 public:
  flood_of(std::uint16_t port, std::string bytes, int clients) : port_{port}, bytes_{std::move(bytes)} {
    for (int i = 0; i < clients; ++i) workers_.emplace_back([this](const std::stop_token& over) { run(over); });
  }

 private:
  void run(const std::stop_token& over) const {
    while (!over.stop_requested()) {
      http_client client{"127.0.0.1", port_};
      client.send(bytes_);
      client.half_close();
      client.read_until_end();
    }
  }

  std::uint16_t port_;
  std::string bytes_;
  std::vector<std::jthread> workers_;
};

TEST_F(CatalogueClients, C04FloodsOfBadInputDelayNobody) {
  const daemon sidecar{named({{"LISTEN", "127.0.0.1:0"}, {"STATE_OVERRIDE", "true"}})};
  std::string pipelined;
  for (int i = 0; i < 500; ++i) pipelined += request("GET /healthz");
  const std::string inputs[] = {
      "",
      "hello\r\n\r\n",
      "\x16\x03\x01" + std::string(500, '\0'),
      "GET / HTTP/1.1\r\nX: " + std::string(100'000, 'x'),
      "GET / HTTP/1.1\r\nContent-Length: 65536\r\n\r\n" + std::string(65'536, 'x'),
      "GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: " + std::string(70'000, 'x') + "\r\n\r\n",
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "PROXY TCP4 1 2 3 4\r\n" + request("GET /healthz"),
      pipelined,
  };
  for (const auto& bytes : inputs) {
    const flood_of flood{sidecar.port(), bytes, 64};
    EXPECT_LT(usual_answer_time(sidecar), 100ms) << bytes.substr(0, 40);
  }
}

TEST_F(CatalogueClients, C08BodyIsNeverAskedFor) {
  const auto sidecar = start();
  const std::string expect = "Expect: 100-continue\r\n";
  EXPECT_EQ(sidecar->response_to("GET / HTTP/1.1\r\n" + expect + "Content-Length: 5\r\n\r\n").status, 413);
  EXPECT_EQ(sidecar->response_to("GET / HTTP/1.1\r\n" + expect + "Transfer-Encoding: chunked\r\n\r\n").status, 413);
  EXPECT_EQ(sidecar->response_to("GET / HTTP/1.1\r\n" + expect + "\r\n").status, 200);
  expect_right_answers(*sidecar);
}

TEST_F(CatalogueClients, C09AThousandQuestionsAreTenCallsASecond) {
  const auto sidecar = start({{"API_QPS", "10"}});
  EXPECT_EQ(sidecar->ask(), "200 OK");
  std::vector<std::unique_ptr<http_client>> clients;
  for (int i = 0; i < 50; ++i) clients.push_back(std::make_unique<http_client>("127.0.0.1", sidecar->port()));
  const auto began = clock::now();
  for (int round = 0; round < 20; ++round) {
    for (const auto& client : clients) client->send(request("GET /healthz"));
    for (const auto& client : clients) ASSERT_EQ(summary(client->read_response()), "200 OK");
  }
  const auto seconds = std::chrono::duration<double>(clock::now() - began).count();
  EXPECT_LE(static_cast<double>(api.counts().requests), 10 * seconds + 2);
}

/// Requests with text in every part that nobody should repeat.
std::vector<std::string> hostile_requests() {
  const std::string evil = "evil\x1b[31m\xff\xfe\x07";
  return {
      "GET /" + evil + " HTTP/1.1\r\n\r\n",
      "GET /healthz/evil%0d%0aX-Evil:%201 HTTP/1.1\r\n\r\n",
      "GET /healthz?" + evil + " HTTP/1.1\r\n\r\n",
      "GET /healthz HTTP/1.1\r\nUser-Agent: kube-probe/" + evil + "\r\n\r\n",
      "GET /healthz HTTP/1.1\r\nHost: " + evil + "\r\nX: a\r\n evil\r\n\r\n",
      "GET /healthz HTTP/1.1\r\nX-Evil: a\rb\r\n\r\n",
      "PROXY TCP4 " + evil + " 192.0.2.2 1 2\r\nGET / HTTP/1.1\r\n\r\n",
      "PROXY UNKNOWN " + evil + "\r\nGET / HTTP/1.1\r\n\r\n",
      "GET /healthz/" + std::string(64, 'e') + " HTTP/1.1\r\n\r\n",
      "\x16\x03\x01" + evil,
      evil + "\r\n\r\n",
  };
}

void expect_nothing_reflected(const daemon& sidecar) {
  for (const auto& text : hostile_requests()) {
    http_client client{"127.0.0.1", sidecar.port()};
    client.send(text);
    client.half_close();
    const auto answer = client.read_until_end();
    EXPECT_EQ(answer.find("vil"), answer.npos) << answer;
  }
}

void expect_escaped_lines(daemon& sidecar) {
  for (const auto& line : sidecar.stop_and_read()) {
    EXPECT_TRUE(std::ranges::all_of(line, [](char c) { return c >= ' ' && c <= '~'; })) << line;
    EXPECT_LE(line.size(), 4'095U);
  }
}

TEST_F(CatalogueClients, C11HostileTextIsNeverReflectedAndStaysOneEscapedLine) {
  for (const std::string format : {"text", "json"}) {
    const auto sidecar = start({{"LOG_LEVEL", "debug"}, {"LOG_FORMAT", format}});
    expect_nothing_reflected(*sidecar);
    expect_right_answers(*sidecar);
    expect_escaped_lines(*sidecar);
  }
}

class CatalogueClientsOfAWatch : public watch_fixture {};

TEST_F(CatalogueClientsOfAWatch, C09AThousandQuestionsAreNoCall) {
  const auto sidecar = start_watching();
  http_client client{"127.0.0.1", sidecar->port()};
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(summary(client.ask(request("GET /healthz"))), "200 OK");
  expect_right_answers(*sidecar);
  EXPECT_EQ(api.counts().requests, 2U);
}

TEST_F(CatalogueClientsOfAWatch, C11HostileTextIsNeverReflectedAndStaysOneEscapedLine) {
  const auto sidecar = start_watching({{"LOG_LEVEL", "debug"}});
  expect_nothing_reflected(*sidecar);
  expect_right_answers(*sidecar);
  expect_escaped_lines(*sidecar);
}

TEST_F(CatalogueClientsOfAWatch, C11NamesThatAreInventedAreToldOfAFewTimesAndNoMore) {
  const auto sidecar = start_watching();
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(sidecar->ask("GET /healthz/invented-" + std::to_string(i)), "500 NoSuchContainer");
  }
  expect_right_answers(*sidecar);
  EXPECT_EQ(sidecar->stop_and_read("container=invented-").size(), 16U);
}

}  // namespace
}  // namespace sidecar::test
