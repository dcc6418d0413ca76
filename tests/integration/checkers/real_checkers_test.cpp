#include <ostream>
#include <string>
#include <vector>

#include "integration/daemon.hpp"

/// The checkers that are programs of their own, as an operator calls them.
namespace sidecar::test {
namespace {

/// "PORT" stands for the port, also within a word.
struct program {
  std::string name;
  std::string path;
  std::vector<std::string> arguments;
  int when_healthy;
  int when_not;
};

void PrintTo(const program& shown, std::ostream* out) { *out << shown.name; }

outcome run(const program& what, std::uint16_t port) {
  auto arguments = what.arguments;
  for (auto& argument : arguments) {
    if (const auto at = argument.find("PORT"); at != argument.npos) argument.replace(at, 4, std::to_string(port));
  }
  return run_program(what.path, arguments);
}

const std::string url = "http://127.0.0.1:PORT/healthz";

/// curl ends with 22 where `--fail` sees a status of 400 or more.
program curl(const std::string& name, std::vector<std::string> arguments, int when_healthy = 0) {
  arguments.insert(arguments.begin(), {"-sS", "-f", "-m", "20"});
  return {"curl_" + name, CURL, std::move(arguments), when_healthy, 22};
}

/// A plug-in ends with 0 for OK, 1 for a warning, 2 for critical.
program nagios(const std::string& name, std::vector<std::string> arguments, int when_healthy = 0) {
  arguments.insert(arguments.begin(), {"-t", "20", "-I", "127.0.0.1", "-p", "PORT"});
  return {"check_http_" + name, CHECK_HTTP, std::move(arguments), when_healthy, 2};
}

std::vector<program> programs() {
  return {
      curl("get", {url}),
      curl("head", {"-I", url}),
      curl("http_1_0", {"--http1.0", url}),
      curl("options", {"-X", "OPTIONS", url}),
      curl("options_star", {"-X", "OPTIONS", "--request-target", "*", url}),
      curl("without_host", {"-H", "Host:", url}),
      curl("upgrade_to_http2", {"--http2", url}),
      curl("redirects", {"-L", "--max-redirs", "0", url}),
      curl("twice_on_a_connection", {url, "--next", "-sS", "-f", url}),
      curl("haproxy_protocol", {"--haproxy-protocol", url}),
      curl("wrong_path", {"http://127.0.0.1:PORT/nonexistent"}, 22),
      curl("post", {"-d", "ping", url}, 22),
      nagios("get", {"-u", "/healthz"}),
      nagios("default_path", {}),
      nagios("expect_200", {"-u", "/healthz", "-e", "200"}),
      nagios("expect_the_status_line", {"-u", "/healthz", "-e", "HTTP/1.1 200 OK"}),
      nagios("string", {"-u", "/healthz", "-s", "OK"}),
      nagios("head", {"-u", "/healthz", "-j", "HEAD", "-N"}),
      nagios("options", {"-u", "/healthz", "-j", "OPTIONS"}),
      nagios("redirects_are_critical", {"-u", "/healthz", "-f", "critical"}),
      nagios("wrong_path", {"-u", "/nonexistent", "-e", "200"}, 2),
  };
}

class RealChecker : public cluster_fixture, public testing::WithParamInterface<program> {};

INSTANTIATE_TEST_SUITE_P(Programs, RealChecker, testing::ValuesIn(programs()),
                         [](const auto& input) { return input.param.name; });

TEST_P(RealChecker, SeesThePodComeAndGo) {
  const auto sidecar = start();
  const auto expect = [&](int wanted) {
    const auto ended = run(GetParam(), sidecar->port());
    EXPECT_EQ(ended.code, wanted) << ended.output << ended.error;
  };
  expect(GetParam().when_healthy);
  api.set_ready("game", false);
  expect(GetParam().when_not);
  api.set_ready("game", true);
  expect(GetParam().when_healthy);
}

class Keepalived : public cluster_fixture {};

/// keepalived itself needs IPVS in the kernel. Its own `genhash` sends what its HTTP_GET sends, and computes what an
/// operator writes down as `digest`.
TEST_F(Keepalived, ComputesTheSameDigestWheneverThePodIsReady) {
  const auto sidecar = start();
  const program genhash{"genhash", GENHASH, {"-s", "127.0.0.1", "-p", "PORT", "-u", "/healthz"}, 0, 0};
  const auto digest = [&] { return run(genhash, sidecar->port()).output; };
  const std::string of_ok = "e0aa021e21dddbd6d8cecec71e9cf564\n";
  EXPECT_EQ(digest(), of_ok);
  api.set_ready("game", false);
  EXPECT_NE(digest(), of_ok);
  EXPECT_EQ(digest().size(), of_ok.size()) << "an answer all the same";
  api.set_ready("game", true);
  EXPECT_EQ(digest(), of_ok);
}

}  // namespace
}  // namespace sidecar::test
