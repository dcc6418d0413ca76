#include <fstream>
#include <ostream>
#include <string>
#include <vector>

#include "integration/daemon.hpp"
#include "support/certificates.hpp"

/// The same programs, asking by TLS.
namespace sidecar::test {
namespace {

void write(const std::filesystem::path& file, const std::string& text) { std::ofstream{file} << text; }

/// A sidecar with a certificate, and one that wants its clients to have one too.
class RealTlsChecker : public testing::Test {
 protected:
  RealTlsChecker() {
    const auto server = authority.issue();
    write(file("server.crt"), server.pem);
    write(file("server.key"), server.key);
    write(file("ca.crt"), authority.pem());
    const auto client = clients.issue({.common_name = "balancer", .extended_key_usage = "clientAuth"});
    write(file("client.crt"), client.pem);
    write(file("client.key"), client.key);
    write(file("clients.crt"), clients.pem());
  }

  std::string file(const std::string& name) const { return (directory.path() / name).string(); }

  daemon sidecar(const std::string& state, variables more = {}) const {
    more.merge(variables{{"LISTEN", "127.0.0.1:0"},
                         {"STATE_OVERRIDE", state},
                         {"TLS_CERT", file("server.crt")},
                         {"TLS_KEY", file("server.key")}});
    return daemon{named(more)};
  }

  /// How curl ends: 0, 22 for a status of 400 or more, another number for what TLS has against it.
  int curl(const daemon& asked, std::vector<std::string> arguments, const std::string& scheme = "https") const {
    arguments.insert(arguments.end(), {"-sS", "-f", "-m", "20", "-o", "/dev/null",
                                       scheme + "://127.0.0.1:" + std::to_string(asked.port()) + "/healthz"});
    return run_program(CURL, arguments).code;
  }

  int check_http(const daemon& asked, std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"-t", "20", "-I", "127.0.0.1", "-p", std::to_string(asked.port()), "-S", "-u",
                                       "/healthz", "-e", "200"});
    return run_program(CHECK_HTTP, arguments).code;
  }

  temp_dir directory;
  certificate_authority authority{"health"};
  certificate_authority clients{"balancers"};
};

TEST_F(RealTlsChecker, CurlVerifiesTheCertificateAndSeesTheState) {
  const auto up = sidecar("true"), down = sidecar("false");
  const std::vector<std::vector<std::string>> ways{
      {}, {"-I"}, {"--http1.0"}, {"-X", "OPTIONS"}, {"--tlsv1.3"}, {"--tls-max", "1.2"}, {"--haproxy-protocol"}};
  for (auto way : ways) {
    way.insert(way.end(), {"--cacert", file("ca.crt")});
    EXPECT_EQ(curl(up, way), 0) << testing::PrintToString(way);
    EXPECT_EQ(curl(down, way), 22) << testing::PrintToString(way);
  }
  constexpr int untrusted = 60;
  EXPECT_EQ(curl(up, {"--cacert", file("clients.crt")}), untrusted);
}

TEST_F(RealTlsChecker, CurlInPlainTextIsRefusedAndToldOnce) {
  auto up = sidecar("true");
  EXPECT_EQ(curl(up, {}, "http"), 22);
  EXPECT_EQ(curl(up, {"--haproxy-protocol"}, "http"), 22);
  EXPECT_EQ(up.stop_and_read("requires TLS").size(), 1U);
}

TEST_F(RealTlsChecker, ClientsNeedTheirCertificateWhereOneIsWanted) {
  auto up = sidecar("true", {{"TLS_CLIENT_CA", file("clients.crt")}});
  const auto down = sidecar("false", {{"TLS_CLIENT_CA", file("clients.crt")}});
  const std::vector<std::string> curl_has{"--cacert",         file("ca.crt"), "--cert",
                                          file("client.crt"), "--key",        file("client.key")};
  EXPECT_EQ(curl(up, curl_has), 0);
  EXPECT_EQ(curl(down, curl_has), 22);
  constexpr int alert = 56;  // of TLS 1.3, which a client meets when it reads
  EXPECT_EQ(curl(up, {"--cacert", file("ca.crt")}), alert);
  const auto stranger =
      certificate_authority{"others"}.issue({.common_name = "balancer", .extended_key_usage = "clientAuth"});
  write(file("other.crt"), stranger.pem);
  write(file("other.key"), stranger.key);
  for (const std::string name : {"server", "other"}) {
    EXPECT_EQ(curl(up, {"--cacert", file("ca.crt"), "--cert", file(name + ".crt"), "--key", file(name + ".key")}),
              alert);
  }

  const std::vector<std::string> plugin_has{"-J", file("client.crt"), "-K", file("client.key")};
  EXPECT_EQ(check_http(up, plugin_has), 0);
  EXPECT_EQ(check_http(down, plugin_has), 2);
  EXPECT_EQ(check_http(up, {}), 2);
  EXPECT_EQ(up.ask("GET /livez"), "200 OK") << "the kubelet has no certificate";
  EXPECT_NE(up.logged("unable to get local issuer certificate"), "");
  EXPECT_EQ(up.stop_and_read("did not return a certificate").size(), 1U) << "once, however often it tries";
}

TEST_F(RealTlsChecker, CheckHttpSeesTheState) {
  const auto up = sidecar("true"), down = sidecar("false");
  EXPECT_EQ(check_http(up, {}), 0);
  EXPECT_EQ(check_http(up, {"-s", "OK"}), 0);
  EXPECT_EQ(check_http(down, {}), 2);
  EXPECT_EQ(check_http(down, {"-s", "OK"}), 2);
}

TEST_F(RealTlsChecker, GenhashOfKeepalivedComputesTheSameDigestAsInPlainText) {
  const auto digest = [](const daemon& asked) {
    return run_program(GENHASH, {"-S", "-s", "127.0.0.1", "-p", std::to_string(asked.port()), "-u", "/healthz"}).output;
  };
  const std::string of_ok = "e0aa021e21dddbd6d8cecec71e9cf564\n";
  EXPECT_EQ(digest(sidecar("true")), of_ok);
  EXPECT_NE(digest(sidecar("false")), of_ok);
}

}  // namespace
}  // namespace sidecar::test
