#include "sidecar/app/listeners.hpp"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <optional>

namespace sidecar::app {
namespace {

config::config listening_at(std::optional<std::uint16_t> agent, std::optional<std::uint16_t> status) {
  const auto loopback = [](std::uint16_t port) { return config::listen_address{"127.0.0.1", port, false}; };
  config::config settings;
  settings.listen = loopback(0);
  if (agent) settings.agent_listen = loopback(*agent);
  if (status) settings.status_listen = loopback(*status);
  return settings;
}

TEST(OpenListeners, OpensThePortsThatAreConfigured) {
  boost::asio::io_context context;
  const auto health_alone = open_listeners(context.get_executor(), listening_at({}, {}));
  ASSERT_TRUE(health_alone);
  EXPECT_FALSE(health_alone->agent);
  EXPECT_FALSE(health_alone->status);
  const auto all = open_listeners(context.get_executor(), listening_at(0, 0));
  ASSERT_TRUE(all);
  ASSERT_TRUE(all->agent);
  ASSERT_TRUE(all->status);
  EXPECT_NE(all->status->local_endpoint().port(), all->agent->local_endpoint().port());
  EXPECT_NE(all->status->local_endpoint().port(), all->health.local_endpoint().port());
}

/// Load balancers need the health port and the agent port; the status port is only looked at.
TEST(OpenListeners, APortOfLoadBalancersThatIsTakenIsNoStart) {
  boost::asio::io_context context;
  const auto first = open_listeners(context.get_executor(), listening_at({}, 0));
  ASSERT_TRUE(first);
  const auto taken = first->status.value().local_endpoint().port();
  EXPECT_FALSE(open_listeners(context.get_executor(), listening_at(taken, {})));
  const auto without_status = open_listeners(context.get_executor(), listening_at({}, taken));
  ASSERT_TRUE(without_status);
  EXPECT_FALSE(without_status->status);
}

}  // namespace
}  // namespace sidecar::app
