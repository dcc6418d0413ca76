#include <regex>
#include <string>
#include <vector>

#include "haproxy_forms.hpp"
#include "recorder.hpp"

/// Each form of a check: the real HAProxy follows the pod, and the sidecar says nothing of being asked.
namespace sidecar::test {
namespace {

template <class Row>
std::string name_of(const testing::TestParamInfo<Row>& info) {
  return info.param.name;
}

class HaProxyForm : public haproxy_fixture, public testing::WithParamInterface<check_form> {
 protected:
  /// What HAProxy's log says when the server has gone; an agent is quicker than the check, which has to fail thrice.
  static std::vector<std::string> line_of_going_down(const std::string& reason) {
    const auto& form = GetParam();
    const auto info = form.needs == offer::agent ? "(" + reason + ")" : "code: 500, info: \"" + reason + "\"";
    return {"Server " + form.name + "/node1 is DOWN, reason: Layer7 wrong status", info};
  }

  void expect_bytes_as_named() const {
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
};

TEST_P(HaProxyForm, IsUpWhileThePodIsReadyDownWithTheReasonAndUpAgain) {
  const auto sidecar = start_offering(GetParam().needs);
  load_balancer balancer{directory.path(), {backend_of(GetParam(), sidecar->port(), sidecar->agent_port())}};
  ASSERT_EQ(balancer.state_after("200", "UP", GetParam().name), "UP after 200 ");
  api.set_ready("game", false);
  ASSERT_EQ(balancer.state_after("500", "DOWN", GetParam().name), "DOWN after 500 ContainerNotReady");
  EXPECT_NE(balancer.logged(line_of_going_down("ContainerNotReady")), "");
  api.set_ready("game", true);
  ASSERT_EQ(balancer.state_after("200", "UP", GetParam().name), "UP after 200 ");

  const auto lines = sidecar->stop_and_read();
  EXPECT_EQ(lines.size(), 5U) << "a check, which HAProxy ends by a reset, is worth no line: "
                              << testing::PrintToString(lines);
}

TEST_P(HaProxyForm, SendsWhatItsNameSays) { expect_bytes_as_named(); }

INSTANTIATE_TEST_SUITE_P(Of, HaProxyForm, testing::ValuesIn(check_forms()), name_of<check_form>);

/// As of the checks that ask.
class AnyByteForm : public HaProxyForm {};

TEST_P(AnyByteForm, SendsWhatItsNameSays) { expect_bytes_as_named(); }

INSTANTIATE_TEST_SUITE_P(Of, AnyByteForm, testing::ValuesIn(any_byte_forms()), name_of<check_form>);

class HaProxyDeletion : public haproxy_fixture {};

/// No answer is older than its question: the check whose GET was answered before the deletion is the last one that
/// finds the pod healthy, and one answer is enough for HAProxy.
TEST_F(HaProxyDeletion, IsSeenByTheFirstCheckThatBeginsAfterIt) {
  const auto sidecar = start_offering(offer::drain, {{"STALE_GRACE", "1h"}});
  load_balancer balancer{directory.path(),
                         {{.lines = {"option httpchk", "http-check disable-on-404"}, .port = sidecar->port()}}};
  ASSERT_EQ(balancer.server_when([](variables& row) { return row["check_code"] == "200"; })["status"], "UP");
  api.hold_answers();
  ASSERT_TRUE(api.wait_until_held(1));
  change_pod([](pod& of) { of.terminate(); });
  ASSERT_TRUE(api.release_one());
  ASSERT_TRUE(api.wait_until_held(1));
  EXPECT_EQ(state_of(balancer.server()), "UP") << "asked before";
  ASSERT_TRUE(api.release_one());
  ASSERT_TRUE(api.wait_until_held(1));
  EXPECT_EQ(state_of(balancer.server()), "NOLB") << "asked after";
}

struct refused_row {
  std::string name;
  std::string server;
  offer needs;
  friend void PrintTo(const refused_row& row, std::ostream* out) { *out << row.name; }
};

class HaProxyTls : public haproxy_fixture, public testing::WithParamInterface<refused_row> {};

TEST_P(HaProxyTls, IsDownHoweverReadyThePodIs) {
  const auto sidecar = start_offering(GetParam().needs);
  load_balancer balancer{directory.path(), {{.port = sidecar->port(), .server = GetParam().server}}};
  EXPECT_EQ(state_of(balancer.server_when([](variables& row) { return state_of(row) == "DOWN"; })), "DOWN");
}

const refused_row refusals[] = {
    {"WithoutTheClientCertificate", "check-ssl verify required ca-file ca.pem check-sni health.example",
     offer::tls_for_clients},
    {"ForAnotherName", "check-ssl verify required ca-file ca.pem check-sni other.example", offer::tls},
    {"WithoutTls", "", offer::tls},
};

INSTANTIATE_TEST_SUITE_P(Of, HaProxyTls, testing::ValuesIn(refusals), name_of<refused_row>);

}  // namespace
}  // namespace sidecar::test
