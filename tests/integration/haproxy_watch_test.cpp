#include <algorithm>
#include <string>
#include <vector>

#include "haproxy_forms.hpp"

/// The real HAProxy and SOURCE=watch: no check causes a call, and each finds what the API server knows.
namespace sidecar::test {
namespace {

class HaProxyOfAWatch : public haproxy_fixture, public testing::WithParamInterface<check_form> {
 protected:
  std::unique_ptr<daemon> start_asked_for(offer what = offer::nothing) {
    auto started = start_offering(what, {{"SOURCE", "watch"}});
    EXPECT_TRUE(api.wait_for_watches(1));
    return started;
  }
};

TEST_F(HaProxyOfAWatch, TakesTheServerOutAndBackInWithoutACall) {
  const auto sidecar = start_asked_for();
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

TEST_F(HaProxyOfAWatch, KeepsTheServerWhileTheApiServerIsAway) {
  const auto sidecar = start_asked_for();
  load_balancer balancer{directory.path(), {{.port = sidecar->port(), .relayed = true}}};
  ASSERT_EQ(balancer.state_after("200", "UP"), "UP after 200 ");
  api.stop();
  ASSERT_TRUE(api.wait_for_watches(0));
  balancer.wait_for_relayed_checks(5);
  EXPECT_EQ(balancer.server()["status"], "UP");
  EXPECT_EQ(balancer.server()["chkfail"], "0");
}

TEST_F(HaProxyOfAWatch, OfFiftyServersIsAnsweredRightByOneListAndOneWatch) {
  const auto sidecar = start_asked_for();
  load_balancer balancer{directory.path(), {{.port = sidecar->port(), .servers = 50}}, "1s"};
  for (const std::string state : {"UP", "DOWN", "UP"}) {
    api.set_ready("game", state == "UP");
    const auto is_like_that = [&](const variables& row) {
      return state_of(row) == state && row.at("check_code") == (state == "UP" ? "200" : "500");
    };
    const auto rows = balancer.servers_when([&](auto& seen) { return std::ranges::all_of(seen, is_like_that); });
    EXPECT_EQ(std::ranges::count_if(rows, [&](const auto& row) { return state_of(row) == state; }), 50);
  }
  EXPECT_EQ(api.counts().requests, 2U);
}

TEST_P(HaProxyOfAWatch, LetsSessionsFinishAndIsDownWhenThePodThatIsBeingDeletedHasCrashed) {
  const auto sidecar = start_asked_for(GetParam().needs);
  const auto& name = GetParam().name;
  load_balancer balancer{directory.path(), {backend_of(GetParam(), sidecar->port(), sidecar->agent_port())}};
  ASSERT_EQ(balancer.state_after("200", "UP", name), "UP after 200 ");
  change_pod([](pod& of) { of.terminate(); });
  ASSERT_EQ(balancer.state_after("404", GetParam().leaving, name), GetParam().leaving + " after 404 ");
  change_pod([](pod& of) { of.crash("game"); });
  ASSERT_EQ(balancer.state_after("500", "DOWN", name), "DOWN after 500 PodTerminating");
  api.put_pod(pod{});
  ASSERT_EQ(balancer.state_after("200", "UP", name), "UP after 200 ");
}

INSTANTIATE_TEST_SUITE_P(Of, HaProxyOfAWatch, testing::ValuesIn(draining_forms()),
                         [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace sidecar::test
