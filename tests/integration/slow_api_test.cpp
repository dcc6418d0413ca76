// What clients and the log say while the API server is slower than clients may wait.
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "daemon.hpp"
#include "support/faults.hpp"

namespace sidecar::test {
namespace {

using namespace std::chrono_literals;

/// The shipped proportions, made smaller: an answer takes longer than ANSWER_TIMEOUT and less than API_TIMEOUT.
class SlowApi : public cluster_fixture {
 protected:
  static variables impatient(const std::string& grace) {
    return {{"ANSWER_TIMEOUT", "60ms"}, {"API_TIMEOUT", "20s"}, {"STALE_GRACE", grace}};
  }

  /// A question whose call ends late; returns once it has ended.
  std::string ask_and_wait_for_the_call(const daemon& sidecar) {
    const auto answered = api.counts().answers;
    const auto answer = sidecar.ask();
    EXPECT_TRUE(api.wait_for([&](const server_counts& seen) { return seen.answers > answered; }));
    return answer;
  }
};

TEST_F(SlowApi, HeldChangeToUnreadyIsLoggedWithTheContainer) {
  const auto sidecar = start(impatient("20s"));
  ASSERT_EQ(sidecar->ask(), "200 OK");
  api.inject(pause_at(phase::headers, 200ms));
  api.set_ready("game", false);
  EXPECT_EQ(ask_and_wait_for_the_call(*sidecar), "200 OK held");
  const auto line = sidecar->logged("ContainerNotReady");
  EXPECT_NE(line.find("500 ContainerNotReady"), std::string::npos) << line;
  EXPECT_NE(line.find("game (not ready)"), std::string::npos) << line;
}

}  // namespace
}  // namespace sidecar::test
