#include "sidecar/http/agent_line.hpp"

#include <gtest/gtest.h>

namespace sidecar::http {
namespace {

std::string line_for(health::reason why) { return agent_line({health::verdict_of(why)}); }

TEST(AgentLine, SaysWhatHaproxyIsToDo) {
  EXPECT_EQ(line_for(health::reason::all_containers_ready), "up ready\n");
  EXPECT_EQ(line_for(health::reason::state_override_healthy), "up ready\n");
  EXPECT_EQ(line_for(health::reason::pod_terminating), "up drain\n");
  EXPECT_EQ(line_for(health::reason::draining), "up drain\n");
  EXPECT_EQ(line_for(health::reason::maintenance), "up drain\n");
  EXPECT_EQ(line_for(health::reason::maintenance_unready), "down #Maintenance\n");
  EXPECT_EQ(line_for(health::reason::pod_terminating_unready), "down #PodTerminating\n");
  EXPECT_EQ(line_for(health::reason::draining_unready), "down #Draining\n");
  EXPECT_EQ(line_for(health::reason::container_not_ready), "down #ContainerNotReady\n");
}

TEST(AgentLine, SaysNothingWhereNothingIsKnown) {
  for (std::size_t at = 0; at < health::reason_count; ++at) {
    const auto why = static_cast<health::reason>(at);
    EXPECT_EQ(line_for(why) == "\n", health::verdict_of(why).state == health::state::unknown) << health::name(why);
  }
}

TEST(AgentLine, HoldsWhatIsHeld) {
  EXPECT_EQ(agent_line({health::verdict_of(health::reason::container_ready), std::chrono::seconds{7}}), "up ready\n");
}

}  // namespace
}  // namespace sidecar::http
