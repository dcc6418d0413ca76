#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "daemon.hpp"
#include "haproxy_program.hpp"
#include "own_machine.hpp"
#include "support/process.hpp"

/// The files of deploy/probe with the real programs, in a network of this process's own: paths, ports and the
/// interface are replaced, nothing else.
namespace sidecar::test {
namespace {

namespace fs = std::filesystem;

const std::string node_address = "192.0.2.11";

std::string& machine_refusal() {
  static std::string reason;
  return reason;
}

using replacements = std::initializer_list<std::pair<std::string, std::string>>;

/// A file of deploy/probe in `directory`. Each text to be replaced must be in it.
fs::path adapted(const fs::path& directory, const std::string& name, replacements changes) {
  std::ifstream source{fs::path{DEPLOY_PROBE} / name};
  std::string text{std::istreambuf_iterator<char>{source}, {}};
  for (const auto& [from, to] : changes) {
    if (text.find(from) == text.npos) throw std::runtime_error{name + " has no " + from};
    for (auto at = text.find(from); at != text.npos; at = text.find(from, at + to.size())) {
      text.replace(at, from.size(), to);
    }
  }
  const auto path = directory / name;
  std::ofstream{path} << text;
  return path;
}

const std::string probe_path = "/usr/local/bin/http-healthcheck-sidecar";

class ProbePrograms : public cluster_fixture {
 protected:
  void SetUp() override {
    if (!machine_refusal().empty()) GTEST_SKIP() << "no network of its own: " << machine_refusal();
  }

  void unready() {
    change_pod([](pod& of) { of.set_ready("game", false); });
  }
  void in_maintenance() {
    change_pod([](pod& of) {
      of.set_ready("game", true);
      of.set_label("health-sidecar/maintenance", "true");
    });
  }
  void back() {
    change_pod([](pod& of) { of.set_label("health-sidecar/maintenance", "false"); });
  }

  static bool is_installed(const std::string& program) {
    const variables path{{"PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}};
    return run_program("/bin/sh", {"-c", "command -v " + program}, path).code == 0;
  }
};

TEST_F(ProbePrograms, KeepalivedFollowsThePodByVrrpScripts) {
  ASSERT_TRUE(is_installed(KEEPALIVED)) << "scripts/install-dependencies test";
  ASSERT_TRUE(is_installed("ip")) << "scripts/install-dependencies test";
  std::string groups;
  std::ifstream{"/proc/self/setgroups"} >> groups;
  if (groups == "deny") GTEST_SKIP() << "keepalived sets the groups of its scripts, which takes root";
  const auto link = run_program("/bin/sh",
                                {"-c",
                                 "ip link add vrrp0 type veth peer name vrrp1 && ip link set vrrp0 up && "
                                 "ip link set vrrp1 up && ip address add 192.0.2.1/24 dev vrrp0"},
                                {{"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"}});
  if (link.code != 0) GTEST_SKIP() << "no network interface for VRRP: " << link.error;
  const auto sidecar = start();
  const auto file = adapted(directory.path(), "keepalived-vrrp.conf",
                            {{probe_path, SIDECAR_EXECUTABLE},
                             {"127.0.0.1:3000", "127.0.0.1:" + std::to_string(sidecar->port())},
                             {"interface eth0", "interface vrrp0"},
                             {"    enable_script_security\n", ""}});  // the build's directory is not root's alone
  followed_program keepalived{KEEPALIVED,
                              {"-n", "-l", "-D", "-P", "-f", file.string(), "-p", (directory.path() / "k.pid").string(),
                               "-r", (directory.path() / "v.pid").string()},
                              followed_program::stream::error};
  ASSERT_TRUE(keepalived.says("Entering MASTER STATE"));
  unready();
  ASSERT_TRUE(keepalived.says("Entering FAULT STATE"));
  in_maintenance();
  ASSERT_TRUE(keepalived.says("Entering BACKUP STATE")) << "a drain is no fault";
  back();
  ASSERT_TRUE(keepalived.says("Changing effective priority from 50 to 100"));
  in_maintenance();
  ASSERT_TRUE(keepalived.says("Changing effective priority from 100 to 50"));
}

TEST_F(ProbePrograms, HaproxyFollowsThePodByAnExternalCheck) {
  const auto sidecar = start({{"LISTEN", node_address + ":0"}});
  const auto script =
      adapted(directory.path(), "haproxy-check.sh",
              {{probe_path, SIDECAR_EXECUTABLE}, {":31313/", ":" + std::to_string(sidecar->port()) + "/"}});
  fs::permissions(script, fs::perms::owner_all);
  const auto file = adapted(directory.path(), "haproxy.cfg", {{"/etc/haproxy/haproxy-check.sh", script.string()}});
  followed_program haproxy{haproxy_program(), {"-db", "-f", file.string()}, followed_program::stream::error};
  unready();
  ASSERT_TRUE(haproxy.says("Server game-nodeport/node-a is DOWN, reason: External check error, code: 1"));
  back();
  change_pod([](pod& of) { of.set_ready("game", true); });
  ASSERT_TRUE(haproxy.says("Server game-nodeport/node-a is UP, reason: External check passed"));
  in_maintenance();
  ASSERT_TRUE(haproxy.says("Server game-nodeport/node-a is DOWN, reason: External check error, code: 1"));
  back();
  ASSERT_TRUE(haproxy.says("Server game-nodeport/node-a is UP, reason: External check passed"));
}

TEST_F(ProbePrograms, ExabgpFollowsThePodByItsHealthcheck) {
  ASSERT_TRUE(is_installed(EXABGP)) << "scripts/install-dependencies test";
  const auto sidecar = start();
  const auto file =
      adapted(directory.path(), "exabgp.conf",
              {{probe_path, SIDECAR_EXECUTABLE}, {"127.0.0.1:3000", "127.0.0.1:" + std::to_string(sidecar->port())}});
  followed_program exabgp{EXABGP,
                          {file.string()},
                          followed_program::stream::output,
                          {{"PATH", "/usr/bin:/bin"},
                           {"exabgp.log.destination", "stdout"},
                           {"exabgp.log.level", "DEBUG"},
                           {"exabgp.daemon.drop", "false"},
                           {"exabgp.api.cli", "false"}}};
  ASSERT_TRUE(exabgp.says("announce route 192.0.2.10/32 next-hop self med 100"));
  unready();
  ASSERT_TRUE(exabgp.says("withdraw route 192.0.2.10/32"));
  back();
  change_pod([](pod& of) { of.set_ready("game", true); });
  ASSERT_TRUE(exabgp.says("announce route 192.0.2.10/32"));
  in_maintenance();
  ASSERT_TRUE(exabgp.says("withdraw route 192.0.2.10/32"));
}

}  // namespace
}  // namespace sidecar::test

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (!GTEST_FLAG_GET(list_tests)) {
    sidecar::test::machine_refusal() = sidecar::test::enter_own_machine({sidecar::test::node_address}, "/etc/haproxy");
  }
  return RUN_ALL_TESTS();
}
