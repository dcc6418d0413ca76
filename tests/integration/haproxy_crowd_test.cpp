#include <algorithm>
#include <chrono>
#include <fstream>
#include <string>
#include <vector>

#include "load_balancer.hpp"
#include "support/certificates.hpp"

/// Many servers of one HAProxy ask one sidecar, as many load balancers do.
namespace sidecar::test {
namespace {

class HaProxyCrowd : public cluster_fixture {
 protected:
  static bool all_are(const std::vector<variables>& rows, const std::string& state) {
    return std::ranges::all_of(rows, [&](const variables& row) { return state_of(row) == state; });
  }

  static std::size_t failed_checks(const std::vector<variables>& rows) {
    std::size_t sum = 0;
    for (const auto& row : rows) sum += std::stoul(row.at("chkfail"));
    return sum;
  }

  /// How many servers are in that state, once all are.
  static std::ptrdiff_t count_when_all(load_balancer& balancer, const std::string& state) {
    const auto rows = balancer.servers_when([&](std::vector<variables>& seen) { return all_are(seen, state); });
    return std::ranges::count_if(rows, [&](const variables& row) { return state_of(row) == state; });
  }
};

TEST_F(HaProxyCrowd, OfFiftyServersIsAnsweredRightWithinTheBudgetOfApiCalls) {
  constexpr std::uint64_t calls_per_second = 10;
  const auto began = std::chrono::steady_clock::now();
  const auto sidecar = start({{"API_QPS", std::to_string(calls_per_second)}, {"ANSWER_TIMEOUT", "900ms"}});
  load_balancer balancer{directory.path(), {{.port = sidecar->port(), .servers = 50}}, "1s"};
  ASSERT_TRUE(api.wait_for_requests(3 * calls_per_second + 1));
  const auto rows = balancer.servers();
  EXPECT_EQ(rows.size(), 50U);
  EXPECT_TRUE(all_are(rows, "UP"));
  EXPECT_EQ(failed_checks(rows), 0U);

  api.set_ready("game", false);
  EXPECT_EQ(count_when_all(balancer, "DOWN"), 50);
  api.set_ready("game", true);
  EXPECT_EQ(count_when_all(balancer, "UP"), 50);
  const auto calls = api.counts().requests;
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - began;
  EXPECT_LE(static_cast<double>(calls), static_cast<double>(calls_per_second) * time.count() + 1);
}

/// Each check is a new TLS connection, which HAProxy resumes with the ticket of the one before.
class HaProxyTlsCrowd : public HaProxyCrowd, public testing::WithParamInterface<std::size_t> {};

TEST_P(HaProxyTlsCrowd, IsAnsweredRight) {
  const auto shown = certificate_authority{"ca"}.issue();
  std::ofstream(directory.path() / "tls.crt") << shown.pem;
  std::ofstream(directory.path() / "tls.key") << shown.key;
  const auto sidecar = start({{"STATE_OVERRIDE", "true"},
                              {"TLS_CERT", (directory.path() / "tls.crt").string()},
                              {"TLS_KEY", (directory.path() / "tls.key").string()}});
  load_balancer balancer{directory.path(),
                         {{.lines = {"option httpchk GET /healthz"},
                           .port = sidecar->port(),
                           .server = "check-ssl verify none fall 1",
                           .how_often = "inter 1s",
                           .servers = GetParam()}}};
  const auto have_been_checked = [](const variables& row) { return row.at("check_code") == "200"; };
  balancer.servers_when([&](std::vector<variables>& rows) { return std::ranges::all_of(rows, have_been_checked); });
  const auto rows = balancer.servers();
  EXPECT_EQ(rows.size(), GetParam());
  EXPECT_TRUE(all_are(rows, "UP"));
  EXPECT_EQ(failed_checks(rows), 0U);
}

INSTANTIATE_TEST_SUITE_P(Servers, HaProxyTlsCrowd, testing::Values(64, 128),
                         [](const auto& row) { return std::to_string(row.param); });

}  // namespace
}  // namespace sidecar::test
