#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "daemon.hpp"
#include "support/black_hole.hpp"
#include "support/certificates.hpp"

/// `http-healthcheck-sidecar probe`.
namespace sidecar::test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using testing::HasSubstr;
using testing::StartsWith;

outcome probe(std::vector<std::string> arguments, const variables& environment = {}) {
  arguments.insert(arguments.begin(), "probe");
  return run_to_the_end(environment, arguments);
}

/// "0 up: 200 OK"
std::string shown(const outcome& ended) { return std::to_string(ended.code) + ' ' + ended.output + ended.error; }

std::string url_of(std::uint16_t port, const std::string& path = "/healthz") {
  return "http://127.0.0.1:" + std::to_string(port) + path;
}

class Probe : public cluster_fixture {};

TEST_F(Probe, FollowsThePod) {
  const auto sidecar = start({{"DRAIN_STATUS", "404"}});
  const auto url = url_of(sidecar->port());
  EXPECT_EQ(shown(probe({url})), "0 up: 200 OK\n");
  change_pod([](pod& of) { of.set_ready("game", false); });
  EXPECT_EQ(shown(probe({url})), "1 down: 500 ContainerNotReady\n");
  EXPECT_EQ(shown(probe({url + "/health"})), "0 up: 200 OK\n");
  change_pod([](pod& of) { of.set_ready("game", true).terminate(); });
  EXPECT_EQ(shown(probe({url})), "1 drain: 404 PodTerminating\n");
  EXPECT_EQ(shown(probe({url, "--drain-exit=2"})), "2 drain: 404 PodTerminating\n");
  change_pod([](pod& of) { of.crash("game"); });
  EXPECT_EQ(shown(probe({url, "--drain-exit=2"})), "1 down: 500 PodTerminating\n");
  EXPECT_EQ(shown(probe({url_of(sidecar->port(), "/nowhere")})), "1 down: 400 Not Found\n")
      << "with DRAIN_STATUS=404 no other answer has that status";
  api.put_pod(pod{});
  EXPECT_EQ(shown(probe({url})), "0 up: 200 OK\n");
  api.stop();
  EXPECT_THAT(shown(probe({url})), StartsWith("0 up: 200 OK, held for "));
}

TEST_F(Probe, FindsItsOwnPortInTheEnvironment) {
  const auto sidecar = start({{"LISTEN", "127.0.0.1:0"}});
  const auto port = std::to_string(sidecar->port());
  for (const auto* address : {"127.0.0.1:", "0.0.0.0:", ":", "[::]:"}) {
    const auto own = named({{"LISTEN", address + port}, {"API_QPS", "what serve would refuse"}});
    EXPECT_EQ(shown(probe({}, own)), "0 up: 200 OK\n") << address;
    EXPECT_EQ(shown(probe({"/healthz/lobby"}, own)), "1 down: 500 NoSuchContainer\n") << address;
  }
}

TEST_F(Probe, SpeaksIpv6AndLooksNamesUp) {
  const auto sidecar = start({{"LISTEN", "[::1]:0"}});
  const auto port = std::to_string(sidecar->port());
  EXPECT_EQ(shown(probe({"http://[::1]:" + port + "/healthz"})), "0 up: 200 OK\n");
  EXPECT_EQ(shown(probe({}, named({{"LISTEN", "[::1]:" + port}}))), "0 up: 200 OK\n");
  EXPECT_EQ(shown(probe({}, named({{"LISTEN", "[::]:" + port}}))), "0 up: 200 OK\n")
      << "127.0.0.1 refuses, ::1 does not";
  const auto dual = start({{"LISTEN", "127.0.0.1:0"}});
  EXPECT_EQ(shown(probe({"http://localhost:" + std::to_string(dual->port())})), "0 up: 200 OK\n");
}

TEST(ProbeUsage, IsNeverUp) {
  for (const auto& arguments : {std::vector<std::string>{"--help"},
                                {"-h"},
                                {"--cheese"},
                                {"node-a:3000"},
                                {"--timeout=1"},
                                {"http://a/", "b"},
                                {"http://127.0.0.1:1/", "--ca-file=/none"},
                                {"https://127.0.0.1:1/"},
                                {"--ca-file=/none"}}) {
    const auto ended = probe(arguments);
    EXPECT_EQ(ended.code, 1) << arguments.front();
    EXPECT_NE(ended.output + ended.error, "") << arguments.front();
  }
  EXPECT_THAT(probe({"https://127.0.0.1:1/", "--ca-file=/none"}).error, HasSubstr("/none"));
}

/// A server that writes the same bytes to each client, and then closes or waits.
class raw_server {
 public:
  enum class afterwards { close, wait };

  explicit raw_server(std::string bytes, afterwards then = afterwards::close)
      : acceptor_(context_, {asio::ip::make_address("127.0.0.1"), 0}), thread_([this, bytes, then] {
          tcp::socket client(context_);
          boost::system::error_code failed;
          acceptor_.accept(client, failed);
          if (failed) return;
          std::string request(4096, '\0');
          client.read_some(asio::buffer(request), failed);
          asio::write(client, asio::buffer(bytes), failed);
          if (then == afterwards::wait) client.read_some(asio::buffer(request), failed);
        }) {}
  ~raw_server() {
    // Lets an accept that no client came for go.
    tcp::socket last(context_);
    boost::system::error_code ignored;
    last.connect(acceptor_.local_endpoint(), ignored);
    last.close(ignored);
    thread_.join();
  }
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

 private:
  asio::io_context context_;
  tcp::acceptor acceptor_;
  std::thread thread_;
};

TEST(ProbeAnswers, ThatAreNoCompleteTwoHundredAreDown) {
  const struct {
    std::string bytes;
    const char* expected;
  } rows[] = {
      {"HTTP/1.0 200 OK\r\n\r\n", "0 up: 200 OK"},
      {"HTTP/1.1 301 OK\r\nLocation: /healthz\r\nContent-Length: 0\r\n\r\n",
       "1 down: 301 OK (a redirect is not followed)"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nOK", "1 down: reading the response: partial message"},
      {"HTTP/1.1 200 OK\r\n", "1 down: reading the response: partial message"},
      {"OK\n", "1 down: reading the response: partial message"},
      {"", "1 down: reading the response: end of stream"},
      {"HTTP/1.0 200 OK\r\n\r\n" + std::string(1'000'000, 'x'), "1 down: reading the response: body limit exceeded"},
  };
  for (const auto& row : rows) {
    const raw_server server{row.bytes};
    EXPECT_EQ(shown(probe({url_of(server.port())})), std::string{row.expected} + "\n") << row.bytes.substr(0, 60);
  }
}

/// Each phase ends in time, and the line says which one it was.
TEST(ProbeTimeout, CoversEverything) {
  const auto begun = std::chrono::steady_clock::now();
  const auto expect_late = [](const std::string& url, const std::string& doing,
                              const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{url, "--timeout=200ms"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    EXPECT_EQ(shown(probe(arguments)), "1 down: no complete response within 200ms, " + doing + "\n");
  };
  {
    const raw_server silent{"", raw_server::afterwards::wait};
    expect_late(url_of(silent.port()), "waiting for the response");
  }
  {
    const raw_server half{"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nOK", raw_server::afterwards::wait};
    expect_late(url_of(half.port()), "waiting for the response");
  }
  const temp_dir directory;
  const certificate_authority ca;
  const auto ca_file = directory.path() / "ca.crt";
  std::ofstream(ca_file) << ca.pem();
  {
    const raw_server mute{"", raw_server::afterwards::wait};
    expect_late("https://127.0.0.1:" + std::to_string(mute.port()), "in the TLS handshake",
                {"--ca-file=" + ca_file.string()});
  }
  asio::io_context context;
  tcp::acceptor reserved(context, {asio::ip::make_address("127.0.0.1"), 0});
  const auto port = reserved.local_endpoint().port();
  reserved.close();
  EXPECT_EQ(shown(probe({url_of(port)})),
            "1 down: connecting to 127.0.0.1:" + std::to_string(port) + ": Connection refused\n");
  const black_hole hole{port};
  expect_late(url_of(port), "connecting to 127.0.0.1:" + std::to_string(port));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds{30});
}

class ProbeTls : public cluster_fixture {
 protected:
  std::string write(const std::string& name, const std::string& text) {
    const auto path = directory.path() / name;
    std::ofstream(path) << text;
    return path.string();
  }

  certificate_authority ca{"nodes"};
  /// Not valid for loopback.
  certificate shown_by_port = ca.issue({.ip_addresses = {}, .dns_names = {"*.nodes.example.com"}});
};

TEST_F(ProbeTls, TrustsTheCertificateOfItsOwnPortAndNoOther) {
  const auto bundle = write("bundle.pem", shown_by_port.pem + shown_by_port.key);
  const auto sidecar = start({{"TLS_CERT", bundle}, {"LISTEN", "127.0.0.1:0"}});
  const auto listen = ":" + std::to_string(sidecar->port());
  EXPECT_EQ(shown(probe({}, named({{"LISTEN", listen}, {"TLS_CERT", bundle}}))), "0 up: 200 OK\n");
  const auto other = ca.issue({.ip_addresses = {}, .dns_names = {"*.nodes.example.com"}});
  const auto other_file = write("other.pem", other.pem);
  EXPECT_THAT(shown(probe({}, named({{"LISTEN", listen}, {"TLS_CERT", other_file}}))),
              StartsWith("1 down: the server's certificate was refused: "));
  const auto ca_file = write("ca.crt", ca.pem());
  EXPECT_EQ(shown(probe({"--ca-file=" + ca_file}, named({{"LISTEN", listen}, {"TLS_CERT", other_file}}))),
            "0 up: 200 OK\n");
  EXPECT_THAT(shown(probe({"https://127.0.0.1" + listen, "--ca-file=" + ca_file})),
              StartsWith("1 down: the server's certificate was refused: "))
      << "of a URL the host counts";
  EXPECT_THAT(shown(probe({"http://127.0.0.1" + listen + "/healthz"})), StartsWith("1 down: 400 "));
}

TEST_F(ProbeTls, ShowsAClientCertificate) {
  const certificate_authority clients{"clients"};
  const auto mine = clients.issue({.common_name = "probe", .extended_key_usage = "clientAuth"});
  const auto both = write("client.pem", mine.key + mine.pem);
  const auto alone = write("client.crt", mine.pem);
  const auto key = write("client.key", mine.key);
  const variables options{{"TLS_CERT", write("tls.pem", shown_by_port.pem + shown_by_port.key)},
                          {"TLS_CLIENT_CA", write("clients.crt", clients.pem())}};
  const auto sidecar = start(options);
  auto own = options;
  own["LISTEN"] = "127.0.0.1:" + std::to_string(sidecar->port());
  EXPECT_EQ(shown(probe({"--cert=" + both}, named(own))), "0 up: 200 OK\n");
  EXPECT_EQ(shown(probe({"--cert=" + alone, "--key=" + key}, named(own))), "0 up: 200 OK\n");
  EXPECT_THAT(shown(probe({}, named(own))), HasSubstr("name one of that CA with --cert"));
  EXPECT_THAT(shown(probe({"--cert=" + alone}, named(own))), StartsWith("1 down: the client certificate's file"));
  const auto stranger = ca.issue({.common_name = "probe", .extended_key_usage = "clientAuth"});
  const auto strange_file = write("stranger.pem", stranger.key + stranger.pem);
  EXPECT_THAT(shown(probe({"--cert=" + strange_file}, named(own))), StartsWith("1 down: "));
}

}  // namespace
}  // namespace sidecar::test
