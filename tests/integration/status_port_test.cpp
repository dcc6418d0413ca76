#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "daemon.hpp"

/// The status port of the real program: what of the pod, the clients and the calls it tells, and what it never tells.
namespace sidecar::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

class StatusPort : public cluster_fixture {
 protected:
  std::unique_ptr<daemon> start_with_status() const { return start({{"STATUS_LISTEN", "127.0.0.1:0"}}); }

  static http_response get(const daemon& sidecar, const std::string& path) {
    http_client client{"127.0.0.1", sidecar.status_port()};
    return client.ask("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").value();
  }
};

TEST_F(StatusPort, IsReadyWithoutAClientOnceTheApiServerResponds) {
  api.stop();
  // A third of it passes until the next call.
  const auto started = start({{"STATUS_LISTEN", "127.0.0.1:0"}, {"STALE_GRACE", "3s"}});
  const auto& sidecar = *started;
  EXPECT_EQ(get(sidecar, "/readyz").status, 503);
  EXPECT_EQ(get(sidecar, "/livez").status, 200);
  api.start();
  EXPECT_EQ(last_answer([&] { return get(sidecar, "/readyz").body; }, "ready\n", 15s), "ready\n");
  EXPECT_THAT(get(sidecar, "/metrics").body, HasSubstr("\nhealthcheck_sidecar_healthy 1\n"));
  EXPECT_THAT(get(sidecar, "/metrics").body, HasSubstr("\nhealthcheck_sidecar_clients 0\n"));
}

TEST_F(StatusPort, TellsWhoAsksAndWhatItWasTold) {
  const auto started = start_with_status();
  const auto& sidecar = *started;
  EXPECT_EQ(sidecar.ask(), "200 OK");
  EXPECT_EQ(sidecar.ask("GET /health_check"), "404 Not Found");
  const auto body = get(sidecar, "/status").body;
  EXPECT_THAT(body, HasSubstr("\"path\":\"/health_check\""));
  EXPECT_THAT(body, HasSubstr("\"remarks\":[\"requests /health_check"));
  EXPECT_THAT(get(sidecar, "/metrics").body, HasSubstr("responses_total{code=\"200\",held=\"false\"} 1\n"));
}

TEST_F(StatusPort, NeverTellsTheToken) {
  const auto started = start_with_status();
  const auto& sidecar = *started;
  sidecar.ask();
  api.inject(raw_answer("HTTP/1.1 500 x\r\nContent-Length: " + std::to_string(token.size()) + "\r\n\r\n" + token));
  sidecar.ask();
  EXPECT_THAT(get(sidecar, "/status").body, HasSubstr("ApiError"));
  for (const auto* path : {"/status", "/metrics", "/"}) EXPECT_THAT(get(sidecar, path).body, Not(HasSubstr(token)));
}

TEST_F(StatusPort, TheHealthPortStaysMute) {
  const auto started = start_with_status();
  const auto& sidecar = *started;
  for (const auto* line : {"GET /metrics", "GET /status", "GET /readyz"}) EXPECT_EQ(sidecar.ask(line), "404 Not Found");
}

TEST_F(StatusPort, ThatIsTakenTakesNoHealthAnswerAway) {
  const auto first = start_with_status();
  const auto second = start({{"STATUS_LISTEN", "127.0.0.1:" + std::to_string(first->status_port())}});
  EXPECT_EQ(second->ask(), "200 OK");
  EXPECT_THAT(second->logged("cannot listen"), HasSubstr("choose another with HTTP_HEALTHCHECK_SIDECAR_STATUS_LISTEN"));
}

TEST_F(StatusPort, WithoutItNothingIsFetchedBeforeAQuery) {
  const auto started = start();
  const auto& sidecar = *started;
  EXPECT_EQ(sidecar.ask("GET /livez"), "200 OK");
  EXPECT_EQ(api.counts().requests, 0);
}

}  // namespace
}  // namespace sidecar::test
