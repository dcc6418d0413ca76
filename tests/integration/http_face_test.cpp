#include <string>

#include "daemon.hpp"

/// The health port as load balancers meet it, on a real socket.
namespace sidecar::test {
namespace {

class HttpFace : public cluster_fixture {};

/// Without a cluster: what is answered is known from the start.
daemon overridden(const std::string& state, const std::string& listen = "127.0.0.1:0") {
  return daemon{named({{"LISTEN", listen}, {"STATE_OVERRIDE", state}})};
}

std::string curl_status(const std::string& url) {
  const auto ended = run_program(CURL, {"-sS", "-g", "-o", "/dev/null", "-w", "%{http_code}", url});
  return ended.error.empty() ? ended.output.substr(0, 3) : ended.error;
}

TEST_F(HttpFace, EveryHealthPathAndMethodIsAnsweredAlike) {
  const auto sidecar = start();
  const auto ask_all = [&](const std::string& expected) {
    for (const auto* line : {"GET /healthz", "HEAD /health", "OPTIONS /", "GET /healthz?verbose",
                             "GET http://lb.example/health", "OPTIONS *", "OPTIONS / HTTP/1.0"}) {
      EXPECT_EQ(sidecar->ask(line), expected) << line;
    }
  };
  ask_all("200 OK");
  api.set_ready("game", false);
  ask_all("500 ContainerNotReady");
}

TEST_F(HttpFace, LivezIsAboutTheProcessAlone) {
  api.stop();
  const auto sidecar = start();
  EXPECT_EQ(sidecar->ask(), "500 ApiUnreachable");
  EXPECT_EQ(sidecar->ask("GET /livez"), "200 OK");
  EXPECT_EQ(sidecar->ask("HEAD /livez"), "200 OK");
}

/// F5's documents write `HTTP GET /path`, and without `recv` any byte that comes back is up.
TEST(HttpAnswers, ReachNobodyWhoSendsNoHttpRequest) {
  auto sidecar = overridden("true");
  const std::string inputs[] = {"HTTP GET /healthz\r\n",
                                "hello\r\n\r\n",
                                "\r\nGET / HTTP/1.1\r\n\r\n",
                                std::string{"\x16\x03\x01\x02\x00\x01\x00", 7},
                                "PROXY TCP4 192.0.2.1\r\nGET / HTTP/1.1\r\n\r\n",
                                "GET /" + std::string(9000, 'x') + " HTTP/1.1\r\n\r\n"};
  for (const auto& bytes : inputs) {
    http_client client{"127.0.0.1", sidecar.port()};
    client.send(bytes);
    EXPECT_EQ(client.read_until_end(), "") << bytes.substr(0, 40);
    EXPECT_EQ(client.last_end(), read_end::closed);
  }
  EXPECT_EQ(sidecar.ask(), "200 OK");
  EXPECT_EQ(sidecar.stop_and_read("gets no answer").size(), 2U) << "once each, and once of TLS";
}

TEST(HttpListener, ServesBothFamiliesAndCurl) {
  const auto up = overridden("true", "[::]:0");
  const auto down = overridden("false", "[::]:0");
  for (const std::string host : {"127.0.0.1", "[::1]"}) {
    EXPECT_EQ(curl_status("http://" + host + ':' + std::to_string(up.port()) + "/healthz"), "200");
    EXPECT_EQ(curl_status("http://" + host + ':' + std::to_string(down.port()) + "/healthz"), "500");
  }
}

}  // namespace
}  // namespace sidecar::test
