#include <algorithm>
#include <regex>
#include <string>
#include <vector>

#include "haproxy_forms.hpp"
#include "recorder.hpp"

/// Each form of a check: the real HAProxy follows the pod, and the sidecar says nothing of being asked.
namespace sidecar::test {
namespace {

std::string name_of(const testing::TestParamInfo<check_form>& info) { return info.param.name; }

class HaProxyForm : public haproxy_fixture, public testing::WithParamInterface<check_form> {
 protected:
  /// The server's state once a check has said `code` and HAProxy has drawn its conclusion.
  std::string state_after(load_balancer& balancer, const std::string& code, const std::string& wanted) const {
    const auto row = balancer.server_when(
        [&](variables& seen) { return seen["check_code"] == code && state_of(seen) == wanted; }, GetParam().name);
    return state_of(row) + " after " + row.at("check_code") + " " + row.at("last_chk");
  }

  /// What HAProxy's log says when the server has gone; an agent is quicker than the check, which has to fail thrice.
  static std::vector<std::string> line_of_going_down(const std::string& reason) {
    const auto& form = GetParam();
    const auto info = form.needs == offer::agent ? "(" + reason + ")" : "code: 500, info: \"" + reason + "\"";
    return {"Server " + form.name + "/node1 is DOWN, reason: Layer7 wrong status", info};
  }
};

TEST_P(HaProxyForm, IsUpWhileThePodIsReadyDownWithTheReasonAndUpAgain) {
  const auto sidecar = start_offering(GetParam().needs);
  load_balancer balancer{directory.path(), {backend_of(GetParam(), sidecar->port(), sidecar->agent_port())}};
  ASSERT_EQ(state_after(balancer, "200", "UP"), "UP after 200 ");
  api.set_ready("game", false);
  ASSERT_EQ(state_after(balancer, "500", "DOWN"), "DOWN after 500 ContainerNotReady");
  EXPECT_NE(balancer.logged(line_of_going_down("ContainerNotReady")), "");
  api.set_ready("game", true);
  ASSERT_EQ(state_after(balancer, "200", "UP"), "UP after 200 ");

  const auto lines = sidecar->stop_and_read();
  EXPECT_EQ(lines.size(), 5U) << "a check, which HAProxy ends by a reset, is worth no line: "
                              << testing::PrintToString(lines);
}

TEST_P(HaProxyForm, SendsWhatItsNameSays) {
  recorder sidecar;
  const recorder agent;
  const load_balancer balancer{directory.path(), {backend_of(GetParam(), sidecar.port(), agent.port())}};
  const std::regex wanted{GetParam().sends};
  const auto begins_right = [&](const std::string& bytes) {
    return std::regex_search(bytes, wanted, std::regex_constants::match_continuous);
  };
  const auto bytes = sidecar.read_until(begins_right);
  EXPECT_TRUE(begins_right(bytes)) << testing::PrintToString(bytes);
}

INSTANTIATE_TEST_SUITE_P(Of, HaProxyForm, testing::ValuesIn(check_forms()), name_of);

}  // namespace
}  // namespace sidecar::test
