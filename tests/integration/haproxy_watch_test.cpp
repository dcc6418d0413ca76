#include "haproxy_forms.hpp"

/// The real HAProxy and SOURCE=watch: no check causes a call, and each finds what the API server knows. How every form
/// of a check follows the pod then is FalseUpTableOfAWatch.
namespace sidecar::test {
namespace {

using HaProxyOfAWatch = haproxy_fixture;

TEST_F(HaProxyOfAWatch, TakesTheServerOutAndBackInWithoutACall) {
  const auto sidecar = start({{"SOURCE", "watch"}});
  ASSERT_TRUE(api.wait_for_watches(1));
  load_balancer balancer{directory.path(), sidecar->port()};
  ASSERT_EQ(balancer.state_after("200", "UP"), "UP after 200 ");
  api.set_ready("game", false);
  ASSERT_EQ(balancer.state_after("500", "DOWN"), "DOWN after 500 ContainerNotReady");
  EXPECT_EQ(balancer.server()["chkdown"], "1");
  api.set_ready("game", true);
  ASSERT_EQ(balancer.state_after("200", "UP"), "UP after 200 ");
  EXPECT_EQ(api.counts().requests, 2U) << "a LIST and a WATCH";
  EXPECT_EQ(sidecar->stop_and_read("answering").size(), 3U) << "one line for each change";
}

}  // namespace
}  // namespace sidecar::test
