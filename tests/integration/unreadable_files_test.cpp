#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "daemon.hpp"
#include "support/certificates.hpp"

/// Files that are there, and that the process's user may not read: a volume without fsGroup.
namespace sidecar::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

constexpr auto roots_alone = fs::perms{0600};

class UnreadableFiles : public cluster_fixture {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
    fs::permissions(directory.path(), fs::perms{0755});
    fs::copy_file(SIDECAR_EXECUTABLE, program());
  }

  std::string program() const { return (directory.path() / "sidecar").string(); }
  fs::path file(const char* name) const { return account.path() / name; }

  outcome start_in_vain(const variables& settings) const {
    return run_program("/usr/bin/setpriv", {"--reuid=10001", "--regid=10001", "--clear-groups", program()}, settings);
  }
  static std::string said_of(const fs::path& path, const std::string& name = {}) {
    return (name.empty() ? path.string() : name + "=\"" + path.string() + "\": the file") +
           " cannot be read: permission denied: the file has mode 0600, owner uid 0 and gid 0; this process runs as "
           "uid "
           "10001 and gid 10001. Set securityContext.fsGroup";
  }
};

auto lines_of(const std::string& text) { return std::ranges::count(text, '\n'); }

TEST_F(UnreadableFiles, AreToldAllAtOnce) {
  const certificate_authority ca{"load balancers trust this"};
  const auto shown = ca.issue();
  const auto write = [this](const char* name, const std::string& text) {
    const auto path = directory.path() / name;
    std::ofstream(path.string()) << text;
    fs::permissions(path, roots_alone);
    return path;
  };
  const auto certificate = write("tls.crt", shown.pem);
  const auto key = write("tls.key", shown.key);
  const auto clients = write("clients.crt", ca.pem());
  for (const auto* name : {"token", "ca.crt"}) fs::permissions(file(name), roots_alone);
  const auto ended = start_in_vain(environment(
      {{"TLS_CERT", certificate.string()}, {"TLS_KEY", key.string()}, {"TLS_CLIENT_CA", clients.string()}}));
  EXPECT_EQ(ended.code, 2);
  const std::string prefix = "HTTP_HEALTHCHECK_SIDECAR_";
  for (const auto& told : {said_of(file("token")), said_of(file("ca.crt")), said_of(certificate, prefix + "TLS_CERT"),
                           said_of(key, prefix + "TLS_KEY"), said_of(clients, prefix + "TLS_CLIENT_CA")}) {
    EXPECT_THAT(ended.error, HasSubstr(told));
  }
  for (const auto* wrong : {"Mount ", "write the path"}) EXPECT_THAT(ended.error, Not(HasSubstr(wrong)));
  EXPECT_EQ(lines_of(ended.error), 5) << ended.error;
}

TEST_F(UnreadableFiles, ThatComeLaterKeepWhatWasReadBefore) {
  const auto become = "shift; exec setpriv --reuid=10001 --regid=10001 --clear-groups " + program() + " \"$@\"";
  auto settings = environment();
  settings.emplace("PATH", "/usr/bin:/bin");
  daemon sidecar{settings, {}, {"/bin/sh", "-c", become, "sh"}};
  EXPECT_EQ(sidecar.ask(), "200 OK");
  fs::permissions(file("token"), roots_alone);
  EXPECT_EQ(sidecar.ask(), "200 OK");
  const auto line = sidecar.logged("previous content stays in use");
  EXPECT_THAT(line, HasSubstr("the file has mode 0600, owner uid 0 and gid 0; this process runs as uid 10001"));
  EXPECT_EQ(api.requests().back().authorization, "Bearer " + token);
}

// A token projected by itself, as deployments outside the kubelet's own mount do.
class NamespaceFile : public cluster_fixture {};

TEST_F(NamespaceFile, NeedNotBeThereIfTheTokenSaysTheNamespace) {
  fs::remove(account.path() / "namespace");
  EXPECT_EQ(start()->ask(), "200 OK");
}

}  // namespace
}  // namespace sidecar::test
