#include <algorithm>
#include <chrono>
#include <string>

#include "daemon.hpp"
#include "support/certificates.hpp"

/// Token and CA follow their files, and nobody but the verified API server ever gets the token.
namespace sidecar::test {
namespace {

using namespace std::chrono_literals;

class Rotation : public cluster_fixture {};

TEST_F(Rotation, NewTokenIsUsedByTheNextCall) {
  const auto sidecar = start();
  EXPECT_EQ(sidecar->ask(), "200 OK");
  const auto next = api.add_token();
  account.rotate(next, api.ca());
  api.revoke_token(token);
  EXPECT_EQ(sidecar->ask(), "200 OK");

  const auto seen = api.requests();
  ASSERT_EQ(seen.size(), 2U) << "the old token was tried first";
  EXPECT_EQ(seen[0].authorization, "Bearer " + token);
  EXPECT_EQ(seen[1].authorization, "Bearer " + next);
}

TEST_F(Rotation, TokenRefusedWhileItsFileChangesIsReadAgainWithinTheQuestion) {
  const auto sidecar = start({{"API_QPS", "5"}});
  api.revoke_token(token);
  api.hold_answers();
  auto asked = sidecar->begin();
  ASSERT_TRUE(api.wait_until_held(1));
  account.rotate(api.add_token(), api.ca());
  api.stop_holding();
  EXPECT_EQ(asked.answer(), "200 OK");

  const auto seen = api.requests();
  ASSERT_EQ(seen.size(), 2U);
  EXPECT_GE(seen[1].when - seen[0].when, 100ms) << "a retry counts as a call";
}

TEST_F(Rotation, TokenThatWentBadKeepsTheOldOne) {
  const auto sidecar = start();
  EXPECT_EQ(sidecar->ask(), "200 OK");
  for (const std::string bad : {"", "two\nlines", "line\r\nX-Injected: 1"}) {
    account.rotate(bad, api.ca());
    EXPECT_EQ(sidecar->ask(), "200 OK") << bad;
  }
  EXPECT_EQ(api.requests().back().authorization, "Bearer " + token);
  EXPECT_NE(sidecar->logged("previous content stays in use"), "");
}

TEST_F(Rotation, AuthorityReplacedOnDiskAndServerAtOnceIsFollowed) {
  const auto sidecar = start();
  EXPECT_EQ(sidecar->ask(), "200 OK");
  account.rotate(token, api.replace_authority());
  EXPECT_EQ(sidecar->ask(), "200 OK");
  EXPECT_EQ(api.counts().accepted, 2U) << "a connection that the old CA vouched for is still in use";
}

TEST_F(Rotation, AuthorityThatChangesDuringTheHandshakeIsReadAgainWithinTheQuestion) {
  const auto sidecar = start();
  const auto next = api.replace_authority();
  api.inject(times(1, pause_at(phase::handshake, 500ms)));
  auto asked = sidecar->begin();
  ASSERT_TRUE(api.wait_for([](const server_counts& now) { return now.accepted == 1; }));
  sidecar->catch_up();
  account.rotate(token, next);
  EXPECT_EQ(asked.answer(), "200 OK");
  EXPECT_EQ(api.counts().accepted, 2U);
}

TEST_F(Rotation, AuthorityNewOnTheServerAloneIsNotTrustedUntilItIsOnDisk) {
  const auto sidecar = start();
  const auto next = api.replace_authority();
  EXPECT_EQ(sidecar->ask(), "500 ApiUntrusted");
  account.rotate(token, next);
  EXPECT_EQ(sidecar->ask(), "200 OK");
}

TEST_F(Rotation, GarbageInThePlaceOfTheAuthorityKeepsTheOldOne) {
  const auto sidecar = start();
  EXPECT_EQ(sidecar->ask(), "200 OK");
  for (const std::string bad : {"", "garbage", "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n"}) {
    account.rotate(token, bad);
    api.stop();
    api.start();  // a new connection, and with it a verification
    EXPECT_EQ(sidecar->ask(), "200 OK") << bad;
  }
  EXPECT_NE(sidecar->logged("previous content stays in use"), "");
}

// By cat, of two files without a line end behind the first.
TEST_F(Rotation, AuthorityIsFollowedThoughABlockOfItsBundleIsBad) {
  const certificate_authority other{"other"};
  const auto joined = other.pem().substr(0, other.pem().size() - 1) + other.pem();
  account.rotate(token, api.ca() + joined);
  const auto sidecar = start();
  EXPECT_EQ(sidecar->ask(), "200 OK");
  account.rotate(token, joined + api.replace_authority());
  EXPECT_EQ(sidecar->ask(), "200 OK");
  EXPECT_EQ(sidecar->ask(), "200 OK");
  const auto told = sidecar->stop_and_read("are skipped");
  ASSERT_EQ(told.size(), 2U);
  EXPECT_NE(told[0].find("skipped=\"2 (shares its BEGIN or END line"), std::string::npos) << told[0];
  EXPECT_NE(told[1].find("skipped=\"1 (shares its BEGIN or END line"), std::string::npos) << told[1];
}

/// A server with one thing wrong about its TLS.
class FlawedServer : public cluster_fixture, public testing::WithParamInterface<tls_flaw> {};

TEST_P(FlawedServer, NeverSeesARequest) {
  const auto sidecar = start({{"LOG_LEVEL", "debug"}});
  api.inject(with_flaw(GetParam()));
  const auto answer = sidecar->ask();
  if (GetParam() == tls_flaw::old_version || GetParam() == tls_flaw::http2_only) {
    EXPECT_TRUE(answer == "500 ApiUnreachable" || answer == "500 ApiUntrusted") << answer;
  } else {
    EXPECT_EQ(answer, "500 ApiUntrusted");
  }
  EXPECT_EQ(api.counts().application_bytes, 0U);

  api.clear_faults();
  EXPECT_EQ(sidecar->ask(), "200 OK");
}

std::string name_of(const testing::TestParamInfo<tls_flaw>& tested) {
  switch (tested.param) {
    case tls_flaw::wrong_name:
      return "WrongName";
    case tls_flaw::expired:
      return "Expired";
    case tls_flaw::not_yet_valid:
      return "NotYetValid";
    case tls_flaw::other_authority:
      return "OtherAuthority";
    case tls_flaw::common_name_only:
      return "CommonNameOnly";
    case tls_flaw::self_signed:
      return "SelfSigned";
    case tls_flaw::old_version:
      return "OldVersion";
    case tls_flaw::http2_only:
      return "Http2Only";
  }
  return "";
}

INSTANTIATE_TEST_SUITE_P(With, FlawedServer,
                         testing::Values(tls_flaw::wrong_name, tls_flaw::expired, tls_flaw::not_yet_valid,
                                         tls_flaw::other_authority, tls_flaw::common_name_only, tls_flaw::self_signed,
                                         tls_flaw::old_version, tls_flaw::http2_only),
                         name_of);

class Token : public cluster_fixture {};

// What issuers make: Rancher's id:secret, tokens with claims of many groups, bytes that RFC 6750 does not have.
TEST_F(Token, IsWhateverStandsInTheFile) {
  const auto sidecar = start();
  for (const auto& made : {std::string{"kubeconfig-u-abcde:"} + std::string(54, 'x'), std::string{"ext/token-a:b%2C,c"},
                           std::string{"two words"}, std::string(20'000, 'y')}) {
    api.accept_token(made, "system:serviceaccount:demo:sidecar");
    account.rotate(made + "\n", api.ca());
    EXPECT_EQ(sidecar->ask(), "200 OK") << made.substr(0, 30);
    EXPECT_EQ(api.requests().back().authorization, "Bearer " + made);
  }
}

TEST_F(Token, FollowsNoRedirect) {
  api_server other;
  const auto sidecar = start();
  for (const std::string code : {"301", "302", "303", "307", "308"}) {
    api.inject(times(1, raw_answer("HTTP/1.1 " + code + " Elsewhere\r\nLocation: https://127.0.0.1:" +
                                   std::to_string(other.port()) + "/\r\nContent-Length: 0\r\n\r\n")));
    EXPECT_EQ(sidecar->ask(), "500 ApiProtocol") << code;
  }
  EXPECT_EQ(other.counts().accepted, 0U);
  EXPECT_EQ(api.counts().requests, 5U);
}

TEST_F(Token, IgnoresProxiesOfTheEnvironment) {
  api_server proxy;
  auto with_proxy = environment();
  const auto url = "http://127.0.0.1:" + std::to_string(proxy.port());
  for (const char* name : {"http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"}) {
    with_proxy.emplace(name, url);
  }
  EXPECT_EQ(daemon{with_proxy}.ask(), "200 OK");
  EXPECT_EQ(proxy.counts().accepted, 0U);
}

TEST_F(Token, IsInNoLineOfTheLogAndInNoAnswer) {
  const auto sidecar = start({{"LOG_LEVEL", "debug"}});
  std::string said;
  const auto ask = [&] {
    http_client client{"127.0.0.1", sidecar->port()};
    client.send("GET /healthz HTTP/1.0\r\n\r\n");
    said += client.read_until_end();
  };
  ask();
  api.deny();
  ask();
  // A hostile server that repeats what it was sent, and a redirect that could.
  api.inject(times(1, reply_with([this] { return make_status(401, "Unauthorized", "you sent " + token); })));
  ask();
  api.inject(times(1, raw_answer("HTTP/1.1 302 " + token + "\r\nLocation: /" + token + "\r\n\r\n")));
  ask();
  account.rotate(token + " ", "garbage");
  ask();
  account.rotate("bad\ntoken", api.ca());
  ask();

  for (const auto& line : sidecar->stop_and_read()) said += line + '\n';
  EXPECT_NE(said.find("ApiUnauthorized"), said.npos) << said;
  const auto signature = token.substr(token.rfind('.') + 1, 40);
  EXPECT_EQ(said.find(signature), said.npos);
  EXPECT_EQ(said.find(token.substr(0, 30)), said.npos) << said;
  EXPECT_EQ(said.find("Bearer"), said.npos);
}

}  // namespace
}  // namespace sidecar::test
