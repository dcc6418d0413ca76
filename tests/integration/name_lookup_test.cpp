#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "daemon.hpp"
#include "documented_calls.hpp"
#include "support/name_server.hpp"
#include "support/vitals.hpp"

/// An API server that has a name, where a lookup lacks what it takes: a thread, a descriptor, a DNS server that
/// answers.
namespace sidecar::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using testing::HasSubstr;

constexpr int refused_by_old_runtimes = EPERM;
constexpr int at_the_limit_of_processes = EAGAIN;

/// Under the documented system calls, of which clone3 fails: no thread can be started.
std::vector<std::string> without_threads(int problem) {
  return {CONFINE, documented_calls() + ",clone3=" + std::to_string(problem)};
}

class LookupWithoutAThread : public watch_fixture, public testing::WithParamInterface<int> {
 protected:
  void SetUp() override {
    if (under_sanitizer) GTEST_SKIP() << "sanitizers have calls of their own";
  }

  variables with_host(const std::string& host, const variables& options = {}) const {
    auto settings = environment(options);
    settings["KUBERNETES_SERVICE_HOST"] = host;
    return settings;
  }
};

TEST_P(LookupWithoutAThread, FindsTheServerOnTheLoopsOwn) {
  daemon sidecar{with_host("localhost"), {}, without_threads(GetParam())};
  EXPECT_EQ(sidecar.ask(), "200 OK");
  const auto line = sidecar.logged("no thread can be started");
  const auto remedy = GetParam() == EPERM ? "a seccomp profile refuses clone3" : "at its limit of processes";
  EXPECT_THAT(line, HasSubstr(remedy));
}

// An API server that is restarted has the same address, and the loop does not stand still to learn that.
TEST_P(LookupWithoutAThread, KeepsTheAddressThroughARestartOfTheServer) {
  const daemon sidecar{with_host("localhost", {{"STALE_GRACE", "0"}}), {}, without_threads(GetParam())};
  EXPECT_EQ(sidecar.ask(), "200 OK");
  api.stop();
  EXPECT_EQ(sidecar.ask(), "500 ApiUnreachable");
  api.start();
  EXPECT_EQ(sidecar.ask_until("200 OK"), "200 OK");
}

TEST_P(LookupWithoutAThread, WatchesToo) {
  const daemon sidecar{with_host("localhost", {{"SOURCE", "watch"}}), {}, without_threads(GetParam())};
  ASSERT_TRUE(api.wait_for_watches(1));
  EXPECT_EQ(sidecar.ask(), "200 OK");
}

INSTANTIATE_TEST_SUITE_P(Clone3Says, LookupWithoutAThread,
                         testing::Values(refused_by_old_runtimes, at_the_limit_of_processes),
                         [](const auto& tested) { return tested.param == EPERM ? "EPERM" : "EAGAIN"; });

/// DNS servers of the test's own, by a resolv.conf that the sidecar alone sees.
class LookupByDns : public cluster_fixture {
 protected:
  void SetUp() override {
    if (under_sanitizer) GTEST_SKIP() << "sanitizers have calls of their own";
    if (::geteuid() != 0) GTEST_SKIP() << "only root may have port 53 and mounts of its own";
    const auto tried = run_program("/usr/bin/unshare", {"--mount", "/bin/true"});
    if (tried.code != 0) GTEST_SKIP() << "no mounts of its own here: " << tried.error;
  }

  /// On an address of this process's own, which no other test has.
  void serve(name_server::answering answer) {
    constexpr std::uint16_t port = 53;
    const auto process = static_cast<unsigned>(::getpid());
    const auto address = "127." + std::to_string(100 + servers.size()) + '.' + std::to_string(process >> 8U & 0xFFU) +
                         '.' + std::to_string(process & 0xFFU);
    servers.push_back(std::make_unique<name_server>(std::move(answer), address, port));
    resolv_conf += "nameserver " + address + '\n';
  }

  /// `prefix` comes before the program.
  std::unique_ptr<daemon> start_with(const std::string& host, const std::string& prefix, variables options = {}) {
    const auto file = directory.path() / "resolv.conf";
    std::ofstream{file.string()} << resolv_conf << "search demo.svc.invalid svc.invalid cluster.invalid\n"
                                 << "options ndots:5\n";
    auto settings = environment(options);
    settings["KUBERNETES_SERVICE_HOST"] = host;
    settings["PATH"] = "/usr/bin:/bin";
    const auto commands = "mount --bind " + file.string() + " /etc/resolv.conf && exec " + prefix + " \"$@\"";
    return std::make_unique<daemon>(
        settings, std::vector<std::string>{},
        std::vector<std::string>{"/usr/bin/unshare", "--mount", "/bin/sh", "-c", commands, "sh"});
  }
  std::unique_ptr<daemon> start_without_threads(const std::string& host, const variables& options = {}) {
    const auto confined = without_threads(EPERM);
    return start_with(host, confined.at(0) + ' ' + confined.at(1), options);
  }

  static std::optional<dns_reply> no_such_name(const dns_question&) {
    return dns_reply{.status = dns_reply::code::no_such_name};
  }
  /// The API server, by a name that only the last domain of the search list makes complete.
  static std::optional<dns_reply> cluster(const dns_question& asked) {
    if (asked.name == "kubernetes.default.svc.cluster.invalid") return dns_reply{.addresses = {"127.0.0.1"}};
    return no_such_name(asked);
  }

  std::vector<std::unique_ptr<name_server>> servers;
  std::string resolv_conf;
};

TEST_F(LookupByDns, WithoutAThreadTheSearchListIsTried) {
  serve(cluster);
  EXPECT_EQ(start_without_threads("kubernetes.default.svc")->ask(), "200 OK");
}

TEST_F(LookupByDns, NameThatEndsInADotIsAskedForAsItIs) {
  serve([](const dns_question& asked) -> std::optional<dns_reply> {
    if (asked.name == "kubernetes.default.svc") return dns_reply{.addresses = {"127.0.0.1"}};
    return no_such_name(asked);
  });
  EXPECT_EQ(start_without_threads("kubernetes.default.svc.")->ask(), "200 OK");
  EXPECT_EQ(start_with("kubernetes.default.svc.", "")->ask(), "200 OK");
  for (const auto& asked : servers[0]->questions()) EXPECT_EQ(asked.name, "kubernetes.default.svc");
  EXPECT_NE(api.requests().at(0).head.find("Host: kubernetes.default.svc:" + std::to_string(api.port()) + "\r\n"),
            std::string::npos);
}

TEST_F(LookupByDns, NameThatIsUnknownWithoutAThreadIsNoFailureOfTheApiServers) {
  serve(no_such_name);
  const auto sidecar = start_without_threads("api.example.invalid");
  EXPECT_EQ(sidecar->ask(), "500 ApiUnreachable");
  const auto line = sidecar->logged("answering 500");
  for (const auto* told :
       {"looking up api.example.invalid: Host not found (authoritative)",
        "no thread can be started for it (Operation not permitted)", "a seccomp profile refuses clone3"}) {
    EXPECT_THAT(line, HasSubstr(told));
  }
}

// The worst that DNS can do, and a liveness probe with the least patience that Kubernetes recommends.
TEST_F(LookupByDns, LivenessIsAnsweredWithinThreeSecondsWhereAllDnsServersAreSilent) {
  for (int i = 0; i < 3; ++i) serve(silence);
  const auto sidecar = start_without_threads("kubernetes.default.svc", {{"STALE_GRACE", "0"}});
  auto longest = steady_clock::duration::zero();
  const auto ask_alive = [&] {
    const auto asked = steady_clock::now();
    EXPECT_EQ(sidecar->ask("GET /livez"), "200 OK");
    longest = std::max(longest, steady_clock::now() - asked);
  };
  const auto first = sidecar->begin();
  while (servers[0]->questions().empty()) ask_alive();
  for (int i = 0; i < 20; ++i) ask_alive();
  EXPECT_LT(longest, 3s);
  RecordProperty("longest_livez_ms",
                 static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(longest).count()));

  EXPECT_EQ(sidecar->ask_until("500 ApiUnreachable"), "500 ApiUnreachable");
  EXPECT_THAT(sidecar->logged("ApiUnreachable"), HasSubstr("a seccomp profile refuses clone3"));
  // Not for half a minute; what is known of the last lookup is the answer until then.
  for (int i = 0; i < 20; ++i) EXPECT_EQ(sidecar->ask(), "500 ApiUnreachable");
  EXPECT_EQ(servers[0]->questions().size(), 2U) << "with the first domain of the search list, and as it is";
  for (const auto index : {1U, 2U}) EXPECT_TRUE(servers[index]->questions().empty()) << "they would take their time";
  EXPECT_TRUE(sidecar->stop_and_read("ApiTimeout").empty()) << "the first call has a cause, too";
}

/// So few descriptors that none is left for a call.
class LookupWithoutADescriptor : public cluster_fixture {};

TEST_F(LookupWithoutADescriptor, SaysWhichLimitToRaise) {
  if (under_sanitizer) GTEST_SKIP() << "the sanitizer needs a descriptor of its own to look at an object's type";
  for (const std::string host : {"127.0.0.1", "localhost"}) {
    auto settings = environment();
    settings["KUBERNETES_SERVICE_HOST"] = host;
    daemon sidecar{settings};
    const auto number = sidecar.running().id();
    const auto open = vitals{number}.open_files();
    if (!open) GTEST_SKIP() << "only root sees what another process has open";
    // The connection of the question is the last one.
    const auto limit = "--nofile=" + std::to_string(*open + 1);
    const auto limited = run_program("/usr/bin/prlimit", {"--pid", std::to_string(number), limit});
    ASSERT_EQ(limited.code, 0) << limited.error;
    EXPECT_EQ(sidecar.ask(), "500 ApiUnreachable") << host;
    const auto line = sidecar.logged("ApiUnreachable");
    EXPECT_THAT(line, HasSubstr("Too many open files; this process is at its limit of open files"));
  }
}

}  // namespace
}  // namespace sidecar::test
