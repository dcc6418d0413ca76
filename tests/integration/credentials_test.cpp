#include <chrono>
#include <string>

#include "daemon.hpp"
#include "support/certificates.hpp"

/// Token and CA follow their files, and nobody but the verified API server ever gets the token.
namespace sidecar::test {
namespace {

using namespace std::chrono_literals;

class Rotation : public cluster_fixture {};

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

TEST_F(Rotation, AuthorityNewOnTheServerAloneIsNotTrustedUntilItIsOnDisk) {
  const auto sidecar = start();
  const auto next = api.replace_authority();
  EXPECT_EQ(sidecar->ask(), "500 ApiUntrusted");
  account.rotate(token, next);
  EXPECT_EQ(sidecar->ask(), "200 OK");
}

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
