#include "daemon.hpp"

/// Where the API server is: an address of either family, a name, a plain proxy on loopback.
namespace sidecar::test {
namespace {

class ApiAddress : public cluster_fixture {
 protected:
  using cluster_fixture::cluster_fixture;
  std::string port() const { return std::to_string(api.port()); }
};

TEST_F(ApiAddress, MayBeAUrl) {
  auto settings = environment({{"API_SERVER", "https://127.0.0.1:" + port()}});
  settings.erase("KUBERNETES_SERVICE_HOST");
  settings.erase("KUBERNETES_SERVICE_PORT");
  EXPECT_EQ(daemon{settings}.ask(), "200 OK");
}

TEST_F(ApiAddress, NameThatCannotBeLookedUpIsUnreachable) {
  auto settings = environment({{"API_TIMEOUT", "1s"}});
  settings["KUBERNETES_SERVICE_HOST"] = "no-such-host.invalid";
  const auto answer = daemon{settings}.ask();
  EXPECT_TRUE(answer == "500 ApiUnreachable" || answer == "500 ApiTimeout") << answer;
  EXPECT_EQ(api.counts().accepted, 0U);
}

class Ipv6ApiAddress : public cluster_fixture {
 protected:
  Ipv6ApiAddress() : cluster_fixture{api_server::options{.address = "::1"}} {}
};

TEST_F(Ipv6ApiAddress, OfTheClusterComesFromTheServiceVariables) {
  const auto sidecar = start();
  EXPECT_EQ(sidecar->ask(), "200 OK");
  EXPECT_NE(api.requests().at(0).head.find("Host: [::1]:"), std::string::npos);
  EXPECT_NE(sidecar->logged("api=https://[::1]:"), "");
}

class PlainApiAddress : public cluster_fixture {
 protected:
  PlainApiAddress() : cluster_fixture{api_server::options{.tls = false}} { api.allow({}, "system:anonymous"); }
};

TEST_F(PlainApiAddress, GetsNoToken) {
  auto settings = environment({{"API_SERVER", "http://127.0.0.1:" + std::to_string(api.port())}});
  settings.emplace("HOSTNAME", "game-0");
  EXPECT_EQ(daemon{settings}.ask(), "200 OK");
  const auto seen = api.requests().at(0);
  EXPECT_EQ(seen.authorization, "");
  EXPECT_TRUE(seen.head.starts_with("GET ")) << seen.head;
  EXPECT_EQ(seen.head.find(token), std::string::npos);
}

TEST_F(PlainApiAddress, NeedsNoServiceAccount) {
  const daemon sidecar{named({{"LISTEN", "127.0.0.1:0"},
                              {"API_SERVER", "http://127.0.0.1:" + std::to_string(api.port())},
                              {"TARGET_POD_OVERRIDE", "game-0"},
                              {"TARGET_NAMESPACE", "demo"},
                              {"SERVICE_ACCOUNT_DIR", "/nonexistent"}})};
  EXPECT_EQ(sidecar.ask(), "200 OK");
}

}  // namespace
}  // namespace sidecar::test
