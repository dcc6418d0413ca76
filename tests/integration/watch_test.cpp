#include <chrono>
#include <csignal>
#include <fstream>
#include <string>

#include "daemon.hpp"
#include "support/certificates.hpp"

/// SOURCE=watch: answers come from memory, and a watch keeps it true.
namespace sidecar::test {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

class Watch : public watch_fixture {
 protected:
  using watch_fixture::watch_fixture;

  /// Each change is in the answer to the next question, and none of them is a call.
  void expect_answers_from_memory(const daemon& sidecar) {
    const auto before = api.counts().requests;
    for (const bool ready : {false, true, false, true}) {
      tell_ready(ready);
      EXPECT_EQ(sidecar.ask(), ready ? "200 OK" : "500 ContainerNotReady");
    }
    EXPECT_EQ(api.counts().requests, before);
  }
};

TEST_F(Watch, TellsOfEachChangeInTheNextAnswerAndIsAllThatIsAskedFor) {
  const auto sidecar = start_watching();
  EXPECT_NE(sidecar->logged("source=watch"), "");
  expect_answers_from_memory(*sidecar);
  EXPECT_EQ(api.counts().lists, 1U);
  EXPECT_EQ(api.counts().watch_requests, 1U);
  EXPECT_EQ(api.counts().gets, 0U);
}

TEST_F(Watch, KnowsOfThePodsEndAndOfItsReturn) {
  const auto sidecar = start_watching();
  expect_events(1, [&] { change_pod([](pod& of) { of.terminate(); }); });
  EXPECT_EQ(sidecar->ask(), "500 PodTerminating");
  expect_events(1, [&] { api.delete_pod(); });
  EXPECT_EQ(sidecar->ask(), "500 PodNotFound");
  expect_events(1, [&] { api.put_pod(pod{}); });
  EXPECT_EQ(sidecar->ask(), "200 OK");
  api.replace_pod("00000000-0000-4000-8000-000000000001");
  EXPECT_EQ(sidecar->ask_until("500 PodReplaced"), "500 PodReplaced");  // two events, and there is no pod in between
}

TEST_F(Watch, OfAServerThatIsAwayIsHeldWithOneLineAndBegunAgainWhenItIsBack) {
  const auto sidecar = start_watching();
  api.stop();
  ASSERT_NE(sidecar->logged("serving last known state"), "");
  EXPECT_EQ(sidecar->ask(), "200 OK held");
  const auto held = sidecar->response_to(request("GET /healthz")).field("X-Health-Held");
  ASSERT_TRUE(held);
  EXPECT_LE(std::stoi(*held), 10);

  api.set_ready("game", false);
  api.start();
  const auto is_begun_again = [](const server_counts& now) { return now.watches == 2 && now.watching == 1; };
  ASSERT_TRUE(api.wait_for(is_begun_again, 13s)) << "at most 4 s later, and 8 more if the first attempt came too early";
  EXPECT_EQ(sidecar->ask_until("500 ContainerNotReady"), "500 ContainerNotReady");
  tell_ready(true);
  expect_answers_from_memory(*sidecar);
  EXPECT_EQ(sidecar->stop_and_read("serving last known state").size(), 1U);
}

TEST_F(Watch, ThatMayNotBeIsSaidAndAnswersAreLiveUntilItMay) {
  api.grant("watch", false);
  daemon sidecar{watching()};
  ASSERT_NE(sidecar.logged("may not list and watch the pod"), "");
  const auto before = api.counts().gets;
  for (const bool ready : {false, true}) {
    api.set_ready("game", ready);
    EXPECT_EQ(sidecar.ask(), ready ? "200 OK" : "500 ContainerNotReady");
  }
  EXPECT_EQ(api.counts().gets, before + 2) << "each answer is a GET";
  api.grant("watch", true);
  ASSERT_NE(sidecar.logged("can be listed and watched again"), "");
  expect_answers_from_memory(sidecar);
  EXPECT_EQ(sidecar.stop_and_read("may not list").size(), 1U);
}

TEST_F(Watch, NeedsARoleForItsOnePodOnly) {
  api.deny();
  api.allow({.name = "game-0"});
  const auto sidecar = start_watching();
  expect_answers_from_memory(*sidecar);
}

TEST_F(Watch, ThatIsSilentIsFoundByAResyncWithinSeventeenSeconds) {
  const auto sidecar = start_watching({{"LOG_LEVEL", "debug"}});
  const auto began = clock::now();
  const auto next = api.add_token();
  account.rotate(next, api.ca());
  api.revoke_token(token);
  api.hold_events();
  api.set_ready("game", false);
  EXPECT_EQ(sidecar->ask(), "200 OK") << "nobody knows yet";
  ASSERT_TRUE(api.wait_for([](const server_counts& now) { return now.lists == 2; }, 20s));
  EXPECT_GE(clock::now() - began, 13s);
  EXPECT_EQ(api.requests().back().authorization, "Bearer " + next);
  EXPECT_EQ(sidecar->ask_until("500 ContainerNotReady"), "500 ContainerNotReady");
  EXPECT_EQ(api.counts().requests, 3U) << "one call in all this time";
  ASSERT_NE(sidecar->logged("watch missed a change"), "");
  api.release_events();
  ASSERT_TRUE(api.wait_for([](const server_counts& now) { return now.watches == 2 && now.watching == 1; }));
  EXPECT_EQ(api.requests().back().authorization, "Bearer " + next);
  tell_ready(true);
  EXPECT_EQ(sidecar->ask_until("200 OK"), "200 OK");
  const auto lines = sidecar->stop_and_read();
  expect_no_token(lines, {token, next});
}

TEST_F(Watch, SaysNothingOfTheTokenThatAServerRepeats) {
  const std::string refusal = "you sent " + token;
  api.inject(times(1, for_watches(reply_with([&] { return make_status(403, "Forbidden", refusal); }))));
  daemon refused{watching({{"LOG_LEVEL", "debug"}})};
  ASSERT_NE(refused.logged("may not list and watch the pod"), "");
  expect_no_token(refused.stop_and_read(), {token});
  ASSERT_TRUE(api.wait_for_watches(0));

  const auto sidecar = start_watching({{"LOG_LEVEL", "debug"}});
  api.send_event(R"({"type":"ERROR","object":{"kind":"Status","code":500,"message":")" + refusal + "\"}}\n");
  EXPECT_NE(sidecar->logged("you sent"), "");
  expect_no_token(sidecar->stop_and_read(), {token});
}

TEST_F(Watch, EndsWithTheDrainWhichStillTellsLeavingFromDown) {
  const auto sidecar = start_watching({{"DRAIN", "60s"}, {"DRAIN_STATUS", "404"}});
  sidecar->running().send(SIGTERM);
  ASSERT_NE(sidecar->logged("SIGTERM"), "");
  EXPECT_TRUE(api.wait_for_watches(0));
  EXPECT_EQ(sidecar->ask(), "404 Draining");
  change_pod([](pod& of) { of.crash("game"); });
  EXPECT_EQ(sidecar->ask_until("500 Draining"), "500 Draining");
  EXPECT_EQ(sidecar->stop(SIGTERM), (exit_status{128 + SIGTERM, 0}));
}

TEST_F(Watch, IsWhatTheTlsPortAndTheAgentAnswerFrom) {
  const certificate_authority authority;
  const auto shown = authority.issue();
  std::ofstream{directory.path() / "tls.crt"} << shown.pem;
  std::ofstream{directory.path() / "tls.key"} << shown.key;
  const daemon sidecar{watching({{"TLS_CERT", (directory.path() / "tls.crt").string()},
                                 {"TLS_KEY", (directory.path() / "tls.key").string()},
                                 {"AGENT_LISTEN", "127.0.0.1:0"}})};
  const auto over_tls = [&] {
    return summary(http_client{"127.0.0.1", sidecar.port(), authority.pem()}.ask(request("GET /healthz")));
  };
  const auto of_the_agent = [&] { return http_client{"127.0.0.1", sidecar.agent_port()}.read_until_end(); };
  ASSERT_TRUE(api.wait_for_watches(1));
  EXPECT_TRUE(over_tls().starts_with("200 OK"));
  for (const bool ready : {false, true}) {
    tell_ready(ready);
    const std::string told = ready ? "200 OK" : "500 ContainerNotReady";
    EXPECT_EQ(last_answer(over_tls, told, 10s), told);  // the watch may have been opened only just now
    EXPECT_EQ(of_the_agent(), ready ? "up ready\n" : "down #ContainerNotReady\n");
  }
  expect_events(1, [&] { change_pod([](pod& of) { of.terminate(); }); });
  EXPECT_EQ(of_the_agent(), "up drain\n");
  EXPECT_EQ(api.counts().requests, 2U);
}

/// `kubectl proxy`, which adds the credentials.
class PlainWatch : public Watch {
 protected:
  PlainWatch() : Watch{api_server::options{.tls = false}} { api.allow({}, "system:anonymous"); }
};

TEST_F(PlainWatch, WorksWithoutTheToken) {
  auto settings = watching({{"API_SERVER", "http://127.0.0.1:" + std::to_string(api.port())}});
  settings.emplace("HOSTNAME", "game-0");
  const daemon sidecar{settings};
  expect_memory(sidecar);
  expect_answers_from_memory(sidecar);
  for (const auto& seen : api.requests()) EXPECT_EQ(seen.authorization, "");
}

}  // namespace
}  // namespace sidecar::test
