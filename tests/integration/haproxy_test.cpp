#include <csignal>
#include <string>

#include "load_balancer.hpp"

/// The real HAProxy asks the real sidecar, which asks the stand-in.
namespace sidecar::test {
namespace {

class HaProxy : public cluster_fixture {
 protected:
  /// Each check is a question and each question a GET: once the next one has begun, `count` have been judged.
  bool wait_for_checks(std::uint64_t count) { return api.wait_for_requests(api.counts().requests + count + 1); }
};

TEST_F(HaProxy, LetsASidecarGoThatDrains) {
  const auto sidecar = start({{"DRAIN", "60s"}});
  load_balancer balancer{directory.path(), sidecar->port()};
  ASSERT_TRUE(wait_for_checks(1));
  sidecar->running().send(SIGTERM);
  auto server = balancer.server_when(
      [](variables& row) { return row["status"].starts_with("DOWN") && row["check_code"] == "500"; });
  EXPECT_TRUE(server["status"].starts_with("DOWN")) << server["status"];
  EXPECT_NE(server["last_chk"].find("Draining"), std::string::npos) << server["last_chk"];
  EXPECT_TRUE(sidecar->is_alive());
}

TEST_F(HaProxy, KeepsTheServerWhileTheApiServerIsAway) {
  const auto sidecar = start({{"API_QPS", "100"}});
  load_balancer balancer{directory.path(), sidecar->port()};
  ASSERT_TRUE(wait_for_checks(1));
  api.inject(reset_at(phase::request));
  ASSERT_TRUE(wait_for_checks(5));
  EXPECT_EQ(balancer.server()["status"], "UP");
  EXPECT_EQ(balancer.server()["chkfail"], "0");
}

}  // namespace
}  // namespace sidecar::test
