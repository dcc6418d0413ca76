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

class PlainApiAddress : public cluster_fixture {
 protected:
  PlainApiAddress() : cluster_fixture{api_server::options{.tls = false}} { api.allow({}, "system:anonymous"); }
};

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
