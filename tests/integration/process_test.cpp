#include <sys/resource.h>
#include <sys/socket.h>

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "daemon.hpp"
#include "support/vitals.hpp"

/// What its surroundings may do to it, by the catalogue's numbers; catalogue_c_p.md says where each row is.
namespace sidecar::test {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

class CatalogueProcess : public cluster_fixture {
 protected:
  /// With its standard error changed by the shell: `redirection` is bash's, and what reaches the shell's own standard
  /// error is read here.
  std::unique_ptr<daemon> start_redirected(const std::string& redirection, const variables& options = {}) const {
    auto settings = environment(options);
    settings.emplace("PATH", "/usr/bin:/bin");
    return std::make_unique<daemon>(settings, std::vector<std::string>{},
                                    std::vector<std::string>{"/bin/bash", "-c", "exec \"$@\" " + redirection, "bash"});
  }
};

TEST_F(CatalogueProcess, P03StormOfHangUpsDelaysNothing) {
  const auto sidecar = start();
  for (int i = 0; i < 200; ++i) {
    for (int k = 0; k < 5; ++k) sidecar->running().send(SIGHUP);
    ASSERT_EQ(sidecar->ask(), "200 OK");
  }
  expect_right_answers(*sidecar);
}

TEST_F(CatalogueProcess, P04ReaderOfItsLogMayGo) {
  const auto sidecar = start_redirected("2> >(exec head -n 1 >&2)");
  for (int i = 0; i < 20; ++i) expect_right_answers(*sidecar);
  EXPECT_EQ(sidecar->stop(SIGINT), (exit_status{128 + SIGINT, 0}));
}

TEST_F(CatalogueProcess, P05TwentyFilesAreEnough) {
  const daemon sidecar{environment(), {}, {"/usr/bin/prlimit", "--nofile=20:20"}};
  std::vector<std::unique_ptr<http_client>> squatters;
  for (int i = 0; i < 50; ++i) squatters.push_back(std::make_unique<http_client>("127.0.0.1", sidecar.port()));
  expect_right_answers(sidecar);
}

TEST_F(CatalogueProcess, P06ThousandSwapsOfTheTokenDisturbNobody) {
  const auto sidecar = start();
  const std::string tokens[] = {token, api.add_token()};
  std::vector<std::unique_ptr<http_client>> clients;
  for (int i = 0; i < 8; ++i) clients.push_back(std::make_unique<http_client>("127.0.0.1", sidecar->port()));
  for (int round = 0; round < 100; ++round) {
    for (const auto& client : clients) client->send(request("GET /healthz"));
    for (std::size_t i = 0; i < 10; ++i) account.rotate(tokens[i % 2], api.ca());
    for (const auto& client : clients) ASSERT_EQ(summary(client->read_response()), "200 OK") << round;
  }
  expect_right_answers(*sidecar);
  const auto warnings = sidecar->stop_and_read(" warn ");
  ASSERT_EQ(warnings.size(), 2U) << "of the pod that was not ready for a moment, and of the end";
  EXPECT_NE(warnings[0].find("ContainerNotReady"), std::string::npos) << warnings[0];
}

/// On a kernel, or with clocks, that a preloaded library imitates.
class CatalogueProcessWithQuirk : public CatalogueProcess {
 protected:
  void SetUp() override {
    if (std::string{KERNEL_QUIRKS}.empty()) GTEST_SKIP() << "nothing can be preloaded into a static program";
  }

  std::unique_ptr<daemon> start_with(const std::string& quirk, const variables& options = {}) const {
    auto settings = environment(options);
    settings["LD_PRELOAD"] = KERNEL_QUIRKS;
    // The sanitizer wants to come first; that it stands between it and the C library is what is wanted here.
    const char* const inherited = std::getenv("ASAN_OPTIONS");
    settings["ASAN_OPTIONS"] = std::string{inherited == nullptr ? "" : inherited} + ":verify_asan_link_order=0";
    settings["KERNEL_QUIRK"] = quirk;
    settings["KERNEL_QUIRK_FILE"] = file().string();
    return std::make_unique<daemon>(settings);
  }
  std::filesystem::path file() const { return directory.path() / "meddled"; }
};

TEST_F(CatalogueProcessWithQuirk, P08WallClockThatJumpsAYearChangesNothing) {
  const auto sidecar = start_with("clock");
  for (int i = 0; i < 5; ++i) expect_right_answers(*sidecar);
  const std::chrono::year_month_day today{floor<std::chrono::days>(std::chrono::system_clock::now())};
  EXPECT_TRUE(sidecar->lines(std::to_string(static_cast<int>(today.year())) + '-').empty()) << "nothing was changed";
  api.stop();
  EXPECT_EQ(sidecar->ask(), "200 OK held");
}

TEST_F(CatalogueProcessWithQuirk, P08TruthDoesNotOutliveASuspendedMachine) {
  const auto sidecar = start_with("asleep", {{"STALE_GRACE", "10m"}});
  EXPECT_EQ(sidecar->ask(), "200 OK");
  api.stop();
  EXPECT_EQ(sidecar->ask(), "200 OK held");
  std::ofstream{file()} << "an hour";
  EXPECT_EQ(sidecar->ask(), "500 ApiUnreachable");
}

TEST_F(CatalogueProcess, P09SixteenMegabytesAreEnough) {
  if (under_sanitizer) GTEST_SKIP() << "the sanitizer's own memory is more than that";
  const daemon sidecar{environment({{"STALE_GRACE", "0"}}), {}, {"/usr/bin/prlimit", "--data=16777216:16777216"}};
  std::vector<std::unique_ptr<http_client>> idle;
  for (int i = 0; i < 900; ++i) {
    idle.push_back(std::make_unique<http_client>("127.0.0.1", sidecar.port()));
    idle.back()->send("GET /");
  }
  for (int i = 0; i < 5; ++i) {
    api.inject(times(1, flood()));
    EXPECT_EQ(sidecar.ask(), "500 ApiProtocol");
    EXPECT_EQ(sidecar.ask(), "200 OK");
  }
  expect_right_answers(sidecar);
}

TEST_F(CatalogueProcess, P17OutOfMemoryIsALineAndAnAbort) {
  if (under_sanitizer) GTEST_SKIP() << "the sanitizer's operator new calls no handler";
  const auto sidecar = start();
  EXPECT_EQ(sidecar->ask(), "200 OK");
  const auto number = sidecar->running().id();
  // Room for a pod of the usual size, not for the next one.
  const rlim_t size = std::stoul(vitals{number}.status("VmSize")) * 1024 + 512 * 1024;
  const rlimit limit{size, size};
  ASSERT_EQ(::prlimit(number, RLIMIT_AS, &limit, nullptr), 0);
  EXPECT_EQ(sidecar->ask(), "200 OK");
  api.put_document("demo", "game-0", pod{}.text() + std::string(1'800'000, ' '));
  EXPECT_EQ(sidecar->ask(), "no answer");
  EXPECT_EQ(sidecar->running().wait(), (exit_status{-1, SIGABRT}));
  EXPECT_NE(sidecar->logged("http-healthcheck-sidecar: out of memory"), "");
}

/// Lets a process run for one millisecond of a hundred, as a CPU limit of 10m does.
class throttle {
 public:
  explicit throttle(const process& of) : of_{of}, worker_{[this] { run(); }} {}
  ~throttle() {
    {
      const std::lock_guard lock{mutex_};
      over_ = true;
    }
    changed_.notify_all();
    worker_.join();
    of_.send(SIGCONT);
  }
  throttle(const throttle&) = delete;
  throttle& operator=(const throttle&) = delete;

 private:
  void run() {
    std::unique_lock lock{mutex_};
    while (!over_) {
      of_.send(SIGSTOP);
      changed_.wait_for(lock, 99ms, [this] { return over_; });
      of_.send(SIGCONT);
      changed_.wait_for(lock, 1ms, [this] { return over_; });
    }
  }

  const process& of_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  std::thread worker_;
};

TEST_F(CatalogueProcess, P10DeadlinesAreKeptWithAHundredthOfAProcessor) {
  const auto sidecar = start({{"ANSWER_TIMEOUT", "900ms"}, {"API_TIMEOUT", "2500ms"}});
  EXPECT_EQ(sidecar->ask(), "200 OK");
  api.inject(silence_at(phase::request));
  const throttle slow{sidecar->running()};
  const auto asked = clock::now();
  EXPECT_EQ(sidecar->ask(), "200 OK held");
  EXPECT_LT(clock::now() - asked, 2s);
}

TEST_F(CatalogueProcessWithQuirk, P13WithoutIpv6ItServesIpv4) {
  const auto sidecar = start_with("no-ipv6", {{"LISTEN", ":0"}});
  EXPECT_NE(sidecar->logged("listen=0.0.0.0:"), "");
  expect_right_answers(*sidecar);
}

TEST_F(CatalogueProcess, P16LogThatNobodyReadsHoldsNothingUp) {
  // Keeps the pipe open and does not read it, until the sidecar, which the shell becomes, has ended.
  const auto sidecar =
      start_redirected("2> >(head -n 1 >&2; exec tail -f --pid=$$ /dev/null 2>&-)", {{"LOG_LEVEL", "debug"}});
  http_client client{"127.0.0.1", sidecar->port()};
  // A line of 150 bytes for each answer: more than a pipe takes.
  for (int i = 0; i < 1'000; ++i) ASSERT_EQ(summary(client.ask(request("GET /healthz"))), "200 OK") << i;
  expect_right_answers(*sidecar);
}

TEST_F(CatalogueProcess, P16LogOnAFullDiskHoldsNothingUp) {
  const auto sidecar = start_redirected("2> >(head -n 1 >&2; exec cat > /dev/full 2>&-)", {{"LOG_LEVEL", "debug"}});
  for (int i = 0; i < 50; ++i) expect_right_answers(*sidecar);
}

TEST_F(CatalogueProcessWithQuirk, P18ShortReadsAndWritesAndInterruptionsChangeNothing) {
  const auto sidecar = start_with("short");
  for (int i = 0; i < 3; ++i) expect_right_answers(*sidecar);
  http_client client{"127.0.0.1", sidecar->port()};
  for (int i = 0; i < 20; ++i) client.send(request("GET /healthz"));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(summary(client.read_response()), "200 OK");
  EXPECT_TRUE(exists(file())) << "nothing was interrupted";
}

}  // namespace
}  // namespace sidecar::test
