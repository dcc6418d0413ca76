#include <algorithm>
#include <cctype>
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

std::string curl_status(const std::string& url, std::vector<std::string> arguments = {}) {
  arguments.insert(arguments.end(), {"-sS", "-g", "-o", "/dev/null", "-w", "%{http_code}", url});
  const auto ended = run_program(CURL, arguments);
  return ended.error.empty() ? ended.output.substr(0, 3) : ended.error;
}

TEST_F(HttpFace, EveryHealthPathAnswersEveryMethodAlike) {
  const auto sidecar = start();
  const auto ask_all = [&](const std::string& expected) {
    for (const std::string path : {"/healthz", "/health", "/", "/healthz?verbose", "http://lb.example/health"}) {
      for (const std::string method : {"GET ", "HEAD ", "OPTIONS "}) {
        EXPECT_EQ(sidecar->ask(method + path), expected) << method << path;
      }
    }
    EXPECT_EQ(sidecar->ask("OPTIONS *"), expected);
    EXPECT_EQ(sidecar->ask("OPTIONS / HTTP/1.0"), expected) << "HAProxy's own check";
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

TEST_F(HttpFace, OnlyHealthyAnswersSayOk) {
  api.deny();
  const auto sidecar = start();
  const std::string requests[] = {request("GET /healthz"), request("GET /nowhere"), request("POST /healthz"),
                                  request("G@T /"), request("GET / HTTP/3.0")};
  for (const auto& text : requests) {
    http_client client{"127.0.0.1", sidecar->port()};
    client.send(text);
    client.half_close();
    auto answer = client.read_until_end();
    std::ranges::transform(answer, answer.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    EXPECT_TRUE(answer.starts_with("http/1.1 ")) << answer;
    EXPECT_EQ(answer.find("ok"), answer.npos) << answer;
  }
}

TEST(HttpAnswers, TellReasonLengthAndThatNobodyMayStoreThem) {
  const auto sidecar = overridden("down");
  const auto answer = sidecar.response_to(request("GET /healthz"));
  EXPECT_EQ(answer.status_line, "HTTP/1.1 500 StateOverride");
  EXPECT_EQ(answer.body, "UNAVAILABLE StateOverride");
  EXPECT_EQ(answer.field("Cache-Control"), "no-store");
  EXPECT_EQ(answer.field("Content-Length"), std::to_string(answer.body.size()));
  EXPECT_FALSE(answer.field("Server"));
  EXPECT_FALSE(answer.field("X-Health-Held"));
}

TEST(HttpAnswers, ToHeadHaveNoBody) {
  const auto sidecar = overridden("down");
  http_client client{"127.0.0.1", sidecar.port()};
  client.send("HEAD /healthz HTTP/1.0\r\n\r\n");
  const auto bytes = client.read_until_end();
  EXPECT_TRUE(bytes.starts_with("HTTP/1.1 500 StateOverride\r\n")) << bytes;
  EXPECT_TRUE(bytes.ends_with("\r\n\r\n")) << bytes;
}

TEST(HttpAnswers, HaveTheUnhealthyStatusThatWasAskedFor) {
  const daemon sidecar{named({{"LISTEN", "127.0.0.1:0"}, {"STATE_OVERRIDE", "no"}, {"UNHEALTHY_STATUS", "503"}})};
  EXPECT_EQ(sidecar.ask(), "503 StateOverride");
  EXPECT_EQ(sidecar.ask("GET /livez"), "200 OK");
}

struct bad_request_row {
  const char* what;
  std::string request;
  std::string answer;
};

TEST(HttpAnswers, ReachEvenThoseWhoSendNonsense) {
  const auto sidecar = overridden("true");
  const std::string large(9000, 'x');
  const bad_request_row rows[] = {
      {"unknown path", request("GET /nowhere"), "404 Not Found"},
      {"path with dots", request("GET /healthz/../livez"), "404 Not Found"},
      {"other method", request("POST /healthz"), "405 Method Not Allowed"},
      {"large field", "GET / HTTP/1.1\r\nX-Large: " + large + "\r\n\r\n", "431 Request Header Fields Too Large"},
      {"body", "GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello", "413 Content Too Large"},
      {"endless field", "GET / HTTP/1.1\r\nX: " + large + large + large, "431 Request Header Fields Too Large"},
      {"method that is no token", request("G@T /"), "400 Bad Request"},
      {"bare LF", "GET / HTTP/1.1\n\n", "400 Bad Request"},
      {"two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400 Bad Request"},
      {"new version", request("GET / HTTP/2.0"), "505 HTTP Version Not Supported"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(summary(sidecar.response_to(row.request)), row.answer) << row.what;
  }
  EXPECT_EQ(sidecar.response_to(request("POST /healthz")).field("Allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(sidecar.ask(), "200 OK");
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

TEST_F(HttpFace, ConnectionIsKeptForFurtherQuestions) {
  const auto sidecar = start();
  http_client client{"127.0.0.1", sidecar->port()};
  EXPECT_EQ(summary(client.ask(request("GET /healthz"))), "200 OK");
  api.set_ready("game", false);
  EXPECT_EQ(summary(client.ask(request("GET /healthz"))), "500 ContainerNotReady");
}

TEST_F(HttpFace, PipelinedRequestsAreAnsweredInTheirOrder) {
  const auto sidecar = start();
  http_client client{"127.0.0.1", sidecar->port()};
  client.send(request("GET /healthz") + request("GET /nowhere") + request("HEAD /livez") + request("OPTIONS *") +
              request("DELETE /") + request("R@BBISH /") + request("GET /healthz"));
  EXPECT_EQ(summary(client.read_response()), "200 OK");
  EXPECT_EQ(summary(client.read_response()), "404 Not Found");
  EXPECT_EQ(summary(client.read_response(true)), "200 OK");
  EXPECT_EQ(summary(client.read_response()), "200 OK");
  EXPECT_EQ(summary(client.read_response()), "405 Method Not Allowed");
  EXPECT_EQ(summary(client.read_response()), "400 Bad Request");
  EXPECT_EQ(client.read_until_end(), "") << "nothing after nonsense can be trusted";
}

TEST(HttpAnswers, EndTheConnectionOfHttp10UnlessAskedNotTo) {
  const auto sidecar = overridden("true");
  http_client closing{"127.0.0.1", sidecar.port()};
  EXPECT_EQ(summary(closing.ask("GET / HTTP/1.0\r\n\r\n")), "200 OK");
  EXPECT_EQ(closing.read_until_end(), "");
  EXPECT_EQ(closing.last_end(), read_end::closed);

  http_client keeping{"127.0.0.1", sidecar.port()};
  for (int i = 0; i < 2; ++i) {
    const auto answer = keeping.ask("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_EQ(summary(answer), "200 OK");
    EXPECT_EQ(answer->field("Connection"), "keep-alive");
  }
}

TEST(HttpAnswers, ReachAClientThatHasFinishedSending) {
  const auto sidecar = overridden("true");
  http_client client{"127.0.0.1", sidecar.port()};
  client.send(request("GET /healthz"));
  client.half_close();
  EXPECT_EQ(summary(client.read_response()), "200 OK");
}

TEST(HttpListener, ServesBothFamiliesAndCurl) {
  const auto up = overridden("true", "[::]:0");
  const auto down = overridden("false", "[::]:0");
  for (const std::string host : {"127.0.0.1", "[::1]"}) {
    EXPECT_EQ(curl_status("http://" + host + ':' + std::to_string(up.port()) + "/healthz"), "200");
    EXPECT_EQ(curl_status("http://" + host + ':' + std::to_string(down.port()) + "/healthz"), "500");
  }
  const auto root = "http://127.0.0.1:" + std::to_string(up.port()) + "/";
  EXPECT_EQ(curl_status(root, {"--head"}), "200");
  EXPECT_EQ(curl_status(root, {"-X", "OPTIONS", "--request-target", "*"}), "200");
  EXPECT_EQ(curl_status(root, {"--http1.0"}), "200");
  EXPECT_EQ(curl_status(root, {"-d", "body"}), "405");
}

}  // namespace
}  // namespace sidecar::test
