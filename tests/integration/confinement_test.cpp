#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "daemon.hpp"
#include "documented_calls.hpp"
#include "support/certificates.hpp"
#include "support/vitals.hpp"

/// What the process may do and what it lets others see; SECURITY.md says the same in words.
namespace sidecar::test {
namespace {

namespace fs = std::filesystem;

class Confined : public watch_fixture {
 protected:
  void SetUp() override {
    if (under_sanitizer) GTEST_SKIP() << "sanitizers have calls of their own";
    const auto shown = ca.issue();
    write("tls.crt", shown.pem);
    write("tls.key", shown.key);
  }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream{(directory.path() / name).string()} << text;
  }
  std::string path(const std::string& name) const { return (directory.path() / name).string(); }

  /// All that can be switched on.
  variables everything_on() const {
    auto settings = environment({{"AGENT_LISTEN", "127.0.0.1:0"},
                                 {"STATUS_LISTEN", "127.0.0.1:0"},
                                 {"TLS_CERT", path("tls.crt")},
                                 {"TLS_KEY", path("tls.key")},
                                 {"LOG_LEVEL", "debug"},
                                 {"DRAIN", "100ms"},
                                 {"STALE_GRACE", "1s"}});
    settings["KUBERNETES_SERVICE_HOST"] = "localhost";  // the lookup has a thread
    return settings;
  }

  std::string ask_over_tls(const daemon& sidecar, std::string_view line = "GET /healthz") const {
    http_client client{"127.0.0.1", sidecar.port(), ca.pem()};
    client.send(request(line));
    return summary(client.read_response(line.starts_with("HEAD ")));
  }

  static std::string agent_line(const daemon& sidecar) {
    return http_client{"127.0.0.1", sidecar.agent_port()}.read_until_end();
  }

  static std::string status_of(const daemon& sidecar, const std::string& path) {
    http_client client{"127.0.0.1", sidecar.status_port()};
    client.send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    return summary(client.read_response());
  }

  /// What a life may bring: answers both ways, over TLS, behind a PROXY header, at the agent's port, refused; the API
  /// server away, its certificate and the token renewed; signals.
  void expect_a_whole_life(daemon& sidecar) {
    EXPECT_EQ(ask_over_tls(sidecar), "200 OK");
    EXPECT_EQ(agent_line(sidecar), "up ready\n");
    for (const auto* path : {"/metrics", "/status", "/", "/readyz"}) EXPECT_EQ(status_of(sidecar, path), "200 OK");
    api.set_ready("game", false);
    EXPECT_EQ(ask_over_tls(sidecar, "HEAD /healthz/game"), "500 ContainerNotReady");
    EXPECT_EQ(sidecar.ask("GET /livez"), "200 OK");
    const auto proxied = "PROXY TCP4 192.0.2.1 192.0.2.2 41234 31313\r\n" + request("GET /livez");
    EXPECT_EQ(summary(sidecar.response_to(proxied)), "200 OK");
    EXPECT_EQ(sidecar.ask(), "400 Bad Request") << "plain text where TLS is on";
    renew_credentials();
    EXPECT_EQ(ask_over_tls(sidecar), "500 ContainerNotReady");
    api.stop();
    EXPECT_EQ(ask_over_tls(sidecar), "500 ContainerNotReady held");
    api.start();
    sidecar.running().send(SIGHUP);
    EXPECT_NE(sidecar.logged("SIGHUP"), "");
  }

  /// The same for SOURCE=watch: the first truth, changes by events, the watch broken off and begun again with a new
  /// token and by a new CA.
  void expect_a_whole_life_of_a_watch(daemon& sidecar) {
    ASSERT_TRUE(api.wait_for_watches(1));
    EXPECT_TRUE(ask_over_tls(sidecar).starts_with("200 OK"));
    api.set_ready("game", false);
    EXPECT_NE(sidecar.logged("ContainerNotReady"), "");
    EXPECT_EQ(ask_over_tls(sidecar, "HEAD /healthz/game"), "500 ContainerNotReady");
    EXPECT_EQ(agent_line(sidecar), "down #ContainerNotReady\n");
    renew_credentials();
    api.end_watches(watch_end::half_event_truncated);
    ASSERT_NE(sidecar.logged("watch ended"), "");
    EXPECT_TRUE(ask_over_tls(sidecar).starts_with("500 ContainerNotReady"));
    ASSERT_TRUE(api.wait_for([](const server_counts& now) { return now.watches == 2 && now.watching == 1; }));
  }

  void renew_credentials() {
    const auto next = api.add_token();
    account.rotate(next, api.replace_authority());
    api.revoke_token(token);
    token = next;
  }

  certificate_authority ca{"load balancers trust this"};
};

TEST_F(Confined, ToTheCallsItDocumentsItDoesAllThatItDoes) {
  ASSERT_NE(documented_calls(), "");
  daemon sidecar{everything_on(), {}, {CONFINE, documented_calls()}};
  EXPECT_EQ(vitals{sidecar.running().id()}.status("Seccomp"), "2");
  expect_a_whole_life(sidecar);
  EXPECT_EQ(sidecar.stop(SIGTERM), (exit_status{0, 0}));
}

TEST_F(Confined, ToTheCallsItDocumentsItWatchesToo) {
  auto settings = everything_on();
  settings.merge(named({{"SOURCE", "watch"}}));
  settings["HTTP_HEALTHCHECK_SIDECAR_STALE_GRACE"] = "30s";
  daemon sidecar{settings, {}, {CONFINE, documented_calls()}};
  EXPECT_EQ(vitals{sidecar.running().id()}.status("Seccomp"), "2");
  expect_a_whole_life_of_a_watch(sidecar);
  EXPECT_EQ(sidecar.stop(SIGTERM), (exit_status{0, 0}));
}

TEST_F(Confined, ToTheCallsOfArm64IsAskedForInNamesThatThereAre) {
  ASSERT_NE(documented_block("seccomp-arm64"), "");
  EXPECT_EQ(run_program(CONFINE, {documented_block("seccomp-arm64") + ",*", "/bin/true"}).code, 0);
}

TEST_F(Confined, ByOneCallLessItIsKilled) {
  auto fewer = documented_calls();
  const std::string taken = "epoll_create1,";
  ASSERT_NE(fewer.find(taken), fewer.npos);
  fewer.erase(fewer.find(taken), taken.size());
  process sidecar{CONFINE, {fewer, SIDECAR_EXECUTABLE}, everything_on()};
  EXPECT_EQ(sidecar.wait(), (exit_status{-1, SIGSYS}));
}

/// The deployed container's surroundings: a file system that cannot be written, uid 10001, no capability, no way to any
/// privilege, and the documented calls.
class ConfinedLikeItsContainer : public Confined {
 protected:
  void SetUp() override {
    Confined::SetUp();
    if (IsSkipped()) return;
    if (::geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
    fs::permissions(directory.path(), fs::perms{0755});
    fs::permissions(path("tls.key"), fs::perms{0644});
    fs::copy_file(SIDECAR_EXECUTABLE, path("sidecar"));
    fs::copy_file(CONFINE, path("confine"));
    const auto tried = run_program("/usr/bin/unshare", {"--mount", "/bin/sh", "-c", read_only(), "sh"});
    if (tried.code != 0) GTEST_SKIP() << "no read-only file system may be made here: " << tried.error;
  }

  /// Succeeds where nothing can be written any more.
  std::string read_only() const {
    const auto here = directory.path().string();
    return "set -e; mount --make-rprivate /; mount --bind " + here + ' ' + here + "; mount -o remount,bind,ro " + here +
           "; mount -o remount,bind,ro /; ! touch " + here + "/written 2>/dev/null; ! touch /written 2>/dev/null; ";
  }

  std::vector<std::string> wrapper() const {
    const auto become = read_only() +
                        "shift; exec setpriv --reuid=10001 --regid=10001 --clear-groups --inh-caps=-all "
                        "--ambient-caps=-all --bounding-set=-all --no-new-privs " +
                        path("confine") + ' ' + documented_calls() + ' ' + path("sidecar") + " \"$@\"";
    return {"/usr/bin/unshare", "--mount", "/bin/sh", "-c", become, "sh"};
  }
};

TEST_F(ConfinedLikeItsContainer, ItDoesAllThatItDoes) {
  auto settings = everything_on();
  settings.emplace("PATH", "/usr/bin:/bin:/usr/sbin:/sbin");
  daemon sidecar{settings, {}, wrapper()};
  const vitals seen{sidecar.running().id()};
  EXPECT_EQ(seen.status("Uid"), "10001\t10001\t10001\t10001");
  for (const char* set : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"}) {
    EXPECT_EQ(seen.status(set), "0000000000000000") << set;
  }
  EXPECT_EQ(seen.status("NoNewPrivs"), "1");
  EXPECT_EQ(seen.status("Seccomp"), "2");
  expect_a_whole_life(sidecar);
  EXPECT_EQ(sidecar.stop(SIGTERM), (exit_status{0, 0}));
}

class Secrecy : public cluster_fixture {
 protected:
  static rlimit core_limit(pid_t number) {
    rlimit limit{1, 1};
    ::prlimit(number, RLIMIT_CORE, nullptr, &limit);
    return limit;
  }
};

TEST_F(Secrecy, NoCoreFileIsEverWritten) {
  daemon sidecar{environment(), {}, {"/usr/bin/prlimit", "--core=1000000:1000000"}};
  const auto limit = core_limit(sidecar.running().id());
  EXPECT_EQ(limit.rlim_cur, 0U);
  EXPECT_EQ(limit.rlim_max, 0U);
}

TEST_F(Secrecy, ItsOwnUserMayNotLookIntoIt) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
  fs::permissions(directory.path(), fs::perms{0755});
  fs::copy_file(SIDECAR_EXECUTABLE, directory.path() / "sidecar");
  const auto program = (directory.path() / "sidecar").string();
  const auto become = "shift; exec setpriv --reuid=10001 --regid=10001 --clear-groups " + program + " \"$@\"";
  auto settings = environment();
  settings.emplace("PATH", "/usr/bin:/bin");
  daemon sidecar{settings, {}, {"/bin/sh", "-c", become, "sh"}};
  const auto memory = "/proc/" + std::to_string(sidecar.running().id()) + "/maps";
  const auto same_user = run_program(
      "/usr/bin/setpriv", {"--reuid=10001", "--regid=10001", "--clear-groups", "--inh-caps=-all", "/bin/cat", memory});
  EXPECT_NE(same_user.code, 0) << same_user.output;
  EXPECT_NE(same_user.error.find("Permission denied"), std::string::npos) << same_user.error;
  EXPECT_EQ(sidecar.ask(), "200 OK");
}

}  // namespace
}  // namespace sidecar::test
