#include <sys/types.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <optional>
#include <string>

#include "daemon.hpp"

/// SIGTERM drains, everything else that stops stops at once.
namespace sidecar::test {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

class Signal : public cluster_fixture {};

TEST_F(Signal, TermAnswersDrainingForTheDrainAndThenExitsWithZero) {
  const auto sidecar = start({{"DRAIN", "1s"}});
  EXPECT_EQ(sidecar->ask(), "200 OK");
  const auto sent = clock::now();
  sidecar->running().send(SIGTERM);
  ASSERT_NE(sidecar->logged("SIGTERM"), "");
  EXPECT_EQ(sidecar->ask(), "500 Draining");
  EXPECT_EQ(sidecar->ask("GET /livez"), "200 OK");
  EXPECT_EQ(sidecar->running().wait(), (exit_status{0, 0}));
  EXPECT_GE(clock::now() - sent, 1s);
  EXPECT_EQ(api.counts().requests, 1U) << "a question during the drain went to the API server";
}

TEST_F(Signal, TermWithoutDrainExitsPromptlyWhateverIsUnderWay) {
  const auto sidecar = start({{"DRAIN", "0s"}});
  api.inject(silence_at(phase::handshake));
  std::optional waiting{sidecar->begin()};
  ASSERT_TRUE(api.wait_for([](const server_counts& now) { return now.accepted == 1; }));
  http_client idle{"127.0.0.1", sidecar->port()};
  EXPECT_EQ(summary(idle.ask(request("GET /livez"))), "200 OK");
  const auto sent = clock::now();
  sidecar->running().send(SIGTERM);
  EXPECT_EQ(waiting->answer(), "500 Draining");
  waiting.reset();
  EXPECT_EQ(idle.read_until_end(), "");
  EXPECT_EQ(sidecar->running().wait(), (exit_status{0, 0}));
  EXPECT_LT(clock::now() - sent, 1500ms);
}

TEST_F(Signal, TermDoesNotWaitForAClientThatNeverSaidAWord) {
  const auto sidecar = start({{"DRAIN", "0s"}});
  http_client silent{"127.0.0.1", sidecar->port()};
  sidecar->catch_up();
  const auto sent = clock::now();
  sidecar->running().send(SIGTERM);
  EXPECT_EQ(sidecar->running().wait(), (exit_status{0, 0}));
  EXPECT_LT(clock::now() - sent, 900ms);
}

TEST_F(Signal, TermWaitsASecondForAClientInTheMiddleOfItsRequest) {
  const auto sidecar = start({{"DRAIN", "0s"}});
  http_client slow{"127.0.0.1", sidecar->port()};
  slow.send("GET /livez HTTP/1.1\r\n");
  sidecar->catch_up();
  const auto sent = clock::now();
  sidecar->running().send(SIGTERM);
  EXPECT_EQ(sidecar->running().wait(), (exit_status{0, 0}));
  EXPECT_GE(clock::now() - sent, 900ms);
  EXPECT_NE(sidecar->logged("some clients keep their connections open"), "");
}

TEST_F(Signal, SecondTermStopsAtOnce) {
  const auto sidecar = start({{"DRAIN", "60s"}});
  sidecar->running().send(SIGTERM);
  ASSERT_NE(sidecar->logged("SIGTERM"), "");
  EXPECT_EQ(sidecar->stop(SIGTERM), (exit_status{128 + SIGTERM, 0}));
}

/// As in a container: process 1 of its own namespace, for which the kernel has no default action of any signal.
class SignalAsProcessOne : public cluster_fixture {
 protected:
  void SetUp() override {
    unshare_ = {"/usr/bin/unshare", "--pid", "--fork", "--kill-child"};
    if (::geteuid() != 0) unshare_.insert(unshare_.begin() + 1, {"--user", "--map-root-user"});
    std::vector<std::string> trial{unshare_.begin() + 1, unshare_.end()};
    trial.emplace_back("/bin/true");
    const auto tried = run_program(unshare_.front(), trial);
    if (tried.code != 0) GTEST_SKIP() << "no process namespace may be made here: " << tried.error;
  }

  std::unique_ptr<daemon> start_as_process_one(const variables& options) const {
    auto settings = environment(options);
    settings.emplace("LSAN_OPTIONS", "detect_leaks=0");  // it looks at the /proc of another namespace
    return std::make_unique<daemon>(settings, std::vector<std::string>{}, unshare_);
  }

  /// The sidecar's number out here; `unshare` is its parent and exits as it does.
  static pid_t number_of(daemon& of) {
    const auto parent = std::to_string(of.running().id());
    pid_t child = 0;
    std::ifstream{"/proc/" + parent + "/task/" + parent + "/children"} >> child;
    return child;
  }

 private:
  std::vector<std::string> unshare_;
};

TEST_F(SignalAsProcessOne, TermDrains) {
  const auto sidecar = start_as_process_one({{"DRAIN", "100ms"}});
  EXPECT_EQ(sidecar->ask(), "200 OK");
  const auto number = number_of(*sidecar);
  ASSERT_GT(number, 0);
  ::kill(number, SIGTERM);
  EXPECT_EQ(sidecar->running().wait(), (exit_status{0, 0}));
  EXPECT_NE(sidecar->logged("drain complete"), "");
}

}  // namespace
}  // namespace sidecar::test
