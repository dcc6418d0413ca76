#include <chrono>
#include <filesystem>
#include <string>

#include "catalogue.hpp"
#include "support/black_hole.hpp"

/// A01-A11, A32, A33: what goes wrong before there is an answer.
namespace sidecar::test {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

class ApiConnection : public catalogue {
 protected:
  using catalogue::catalogue;

  /// The shipped times, three times as fast: a row about waiting need not wait long.
  static variables impatient() { return {{"ANSWER_TIMEOUT", "300ms"}, {"API_TIMEOUT", "800ms"}}; }

  /// A new connection meets the trouble; no byte of HTTP goes to where the trouble is.
  void try_before_the_request(const std::string& what, const fault& trouble, const std::string& reason) {
    SCOPED_TRACE(what);
    cut_connections();
    const auto bytes = api.counts().application_bytes;
    api.inject(trouble);
    EXPECT_EQ(ask(), expected(reason));
    EXPECT_EQ(api.counts().application_bytes, bytes) << "something was sent before the server was verified";
    api.clear_faults();
    expect_within_a_second("200 OK");
  }

  clock::duration time_to_ask(const std::string& answer) {
    const auto asked = clock::now();
    EXPECT_EQ(ask(), answer);
    return clock::now() - asked;
  }
};

TEST_P(ApiConnection, A01Refused) {
  open();
  api.stop();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(), expected("ApiUnreachable"));
}

TEST_P(ApiConnection, A02BlackHoleIsAnsweredBeforeABalancersSecondIsOver) {
  open({{"ANSWER_TIMEOUT", "900ms"}, {"API_TIMEOUT", "2500ms"}});
  api.stop();
  const black_hole nothing{api.port()};
  EXPECT_LT(time_to_ask(expected("ApiTimeout")), 1s);
  EXPECT_LT(time_to_ask(expected("ApiTimeout")), 1s);
  // Its call ends, and those who ask then wait 100 ms.
  ASSERT_NE(sidecar().logged("ApiTimeout"), "");
}

TEST_P(ApiConnection, A03SilenceIsEndedByTheDeadline) {
  // At every other moment it is by the same deadline: unit/kube/api_client_faults_test.cpp.
  const std::pair<phase, const char*> rows[] = {{phase::handshake, "in the handshake"},
                                                {phase::request, "after the request"}};
  open(impatient());
  for (const auto& [at, what] : rows) {
    SCOPED_TRACE(what);
    cut_connections();
    api.inject(silence_at(at));
    EXPECT_LT(time_to_ask(expected("ApiTimeout")), 700ms);
    api.clear_faults();
    expect_within_a_second("200 OK");
    EXPECT_TRUE(api.wait_for([](const server_counts& now) { return now.open == 1; })) << "the hung one stays open";
  }
}

TEST_P(ApiConnection, A04ResetInTheMiddleOfTheAnswerIsNotTriedAgain) {
  open();
  try_each({{"in the head", reset_at(phase::headers), "ApiUnreachable"},
            {"in the body", reset_at(phase::body), "ApiUnreachable"},
            {"a close in the head", close_at(phase::headers), "ApiUnreachable"},
            {"a close in the body", close_at(phase::body), "ApiUnreachable"},
            {"a close in the body that is not announced", close_at(phase::body, false), "ApiUnreachable"}});
}

TEST_P(ApiConnection, A05IdleConnectionClosedAsWeSendIsMadeUpForOnce) {
  open();
  for (const auto& trouble : {close_at(phase::next_request), reset_at(phase::next_request)}) {
    const auto before = api.counts().accepted;
    api.inject(times(1, trouble));
    EXPECT_EQ(ask(), "200 OK");
    EXPECT_EQ(api.counts().accepted - before, 1U);
  }
}

TEST_P(ApiConnection, A06TwoSuchClosesAreNotFollowedByAThirdTry) {
  open();
  const auto before = api.counts().accepted;
  api.inject(times(1, close_at(phase::next_request)));
  api.inject(close_at(phase::request));
  EXPECT_EQ(ask(), expected("ApiUnreachable"));
  EXPECT_EQ(api.counts().accepted - before, 1U);
}

TEST_P(ApiConnection, A07ServerThatDoesNotVerifyNeverGetsTheToken) {
  open();
  try_before_the_request("other CA of the same name", with_flaw(tls_flaw::other_authority), "ApiUntrusted");
  try_before_the_request("expired", with_flaw(tls_flaw::expired), "ApiUntrusted");
  try_before_the_request("not yet valid", with_flaw(tls_flaw::not_yet_valid), "ApiUntrusted");
  try_before_the_request("another address", with_flaw(tls_flaw::wrong_name), "ApiUntrusted");
  try_before_the_request("common name only", with_flaw(tls_flaw::common_name_only), "ApiUntrusted");
  try_before_the_request("self-signed", with_flaw(tls_flaw::self_signed), "ApiUntrusted");
  try_before_the_request("TLS 1.1 at most", with_flaw(tls_flaw::old_version), "ApiUnreachable");
  open({}, {{"KUBERNETES_SERVICE_HOST", "localhost"}});
  try_before_the_request("another name", with_flaw(tls_flaw::wrong_name), "ApiUntrusted");
}

TEST_P(ApiConnection, A08AuthorityRotatedOnDiskIsFollowedWithinTheQuestion) {
  open();
  account.rotate(token, api.replace_authority());
  EXPECT_EQ(ask(), "200 OK");

  // In the other order: the server first, its file while the sidecar shakes hands with it.
  const auto next = api.replace_authority();
  cut_connections();
  const auto before = api.counts().accepted;
  api.inject(times(1, pause_at(phase::handshake, 300ms)));
  auto asked = sidecar().begin();
  ASSERT_TRUE(api.wait_for([before](const server_counts& now) { return now.accepted > before; }));
  sidecar().catch_up();
  account.rotate(token, next);
  EXPECT_EQ(asked.answer(), "200 OK");
  EXPECT_EQ(api.counts().accepted - before, 2U);
}

TEST_P(ApiConnection, A09AuthorityFileGoneBadKeepsTheOldOne) {
  open();
  for (const std::string bad : {"", "garbage"}) {
    account.rotate(token, bad);
    cut_connections();
    EXPECT_EQ(ask(), "200 OK") << bad;
  }
  account.rotate(token, api.ca());
  std::filesystem::remove(account.path() / "..data" / "ca.crt");
  cut_connections();
  EXPECT_EQ(ask(), "200 OK") << "without a file";
  EXPECT_NE(sidecar().logged("previous content stays in use"), "");
  account.rotate(token, api.ca());
}

TEST_P(ApiConnection, A10TokenRefusedWhileItsFileChangedIsTriedOnceMore) {
  open();
  const auto next = replace_token();
  const auto before = api.counts().requests;
  api.hold_answers();
  auto asked = sidecar().begin();
  ASSERT_TRUE(api.wait_until_held(1));
  account.rotate(next, api.ca());
  api.stop_holding();
  EXPECT_EQ(asked.answer(), "200 OK");
  EXPECT_EQ(api.counts().requests - before, 2U);
}

TEST_P(ApiConnection, A11TokenRefusedAndUnchangedIsNotTriedAgain) {
  open();
  const auto next = replace_token();
  const auto before = api.counts().requests;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(), expected("ApiUnauthorized"));
  EXPECT_EQ(api.counts().requests - before, 3U);
  account.rotate(next, api.ca());
  EXPECT_EQ(ask(), "200 OK");
}

TEST_P(ApiConnection, A32ServerOfHttp2AloneIsNamedInTheLog) {
  open();
  try_before_the_request("ALPN", with_flaw(tls_flaw::http2_only), "ApiUnreachable");
  const auto line = sidecar().logged("TLS handshake: ");
  EXPECT_NE(line.find("alert"), line.npos) << line;
}

TEST_P(ApiConnection, A33NameIsSentAsServerNameAndAnAddressIsNot) {
  open();
  EXPECT_EQ(api.requests().back().server_name, "");
  open({}, {{"KUBERNETES_SERVICE_HOST", "localhost"}});
  EXPECT_EQ(api.requests().back().server_name, "localhost");
}

TEST_P(ApiConnection, A33HostWithAnythingElseInItIsAMistakeOfTheConfiguration) {
  open();
  for (const std::string host : {"127.0.0.1:1", "127.0.0.1/path", "user@127.0.0.1", "127.0.0.1?x", "a b", "[::1"}) {
    auto settings = environment({{"STALE_GRACE", GetParam()}});
    settings["KUBERNETES_SERVICE_HOST"] = host;
    EXPECT_EQ(run_to_the_end(settings).code, 2) << host;
  }
  for (const std::string url : {"https://127.0.0.1:65536", "https://127.0.0.1:6443/api", "https://me@127.0.0.1:6443"}) {
    EXPECT_EQ(run_to_the_end(environment({{"API_SERVER", url}})).code, 2) << url;
  }
}

class ApiConnectionOfIpv6 : public catalogue {
 protected:
  ApiConnectionOfIpv6() : catalogue{api_server::options{.address = "::1"}} {}
};

TEST_P(ApiConnectionOfIpv6, A33IsAsGood) {
  open();
  EXPECT_EQ(ask(), "200 OK");
  EXPECT_EQ(api.requests().back().server_name, "");
  api.stop();
  EXPECT_EQ(ask(), expected("ApiUnreachable"));
}

INSTANTIATE_TEST_SUITE_P(With, ApiConnection, testing::Values("0", "30s"), catalogue_grace);
INSTANTIATE_TEST_SUITE_P(With, ApiConnectionOfIpv6, testing::Values("0", "30s"), catalogue_grace);

}  // namespace
}  // namespace sidecar::test
