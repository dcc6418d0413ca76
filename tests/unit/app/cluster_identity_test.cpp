#include "sidecar/app/cluster_identity.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <variant>
#include <vector>

#include "support/certificates.hpp"
#include "support/service_account_files.hpp"
#include "support/temp_dir.hpp"
#include "support/tokens.hpp"

namespace sidecar::app {
namespace {

using config::configuration_errors;

class OpenCluster : public testing::Test {
 protected:
  OpenCluster() {
    settings.service_account_dir = (dir.path() / "serviceaccount").string();
    settings.api_server = config::api_url{.tls = true, .host = "127.0.0.1", .port = 6443};
  }

  void mount() {
    test::service_account_files(settings.service_account_dir, test::make_token({}), authority.pem(), "demo");
  }

  configuration_errors refused() {
    const auto opened = read_cluster_identity(settings);
    const auto* found = std::get_if<configuration_errors>(&opened);
    EXPECT_NE(found, nullptr);
    return found == nullptr ? configuration_errors{} : *found;
  }

  test::temp_dir dir;
  test::certificate_authority authority;
  config::config settings;
};

bool mention(const configuration_errors& found, const std::string& text) {
  return std::ranges::any_of(found, [&](const std::string& one) { return one.find(text) != std::string::npos; });
}

TEST_F(OpenCluster, FindsThePodTheTokenIsBoundTo) {
  mount();
  const auto opened = read_cluster_identity(settings);
  ASSERT_TRUE(std::holds_alternative<std::unique_ptr<cluster_identity>>(opened));
  EXPECT_EQ(to_string(std::get<std::unique_ptr<cluster_identity>>(opened)->target.pod), "demo/game-0");
}

TEST_F(OpenCluster, TellsEverythingThatIsMissingAtOnce) {
  const auto found = refused();
  EXPECT_EQ(found.size(), 4U);
  for (const auto* text : {"/token ", "/ca.crt ", "/namespace ", "TARGET_POD_OVERRIDE"}) {
    EXPECT_TRUE(mention(found, text)) << text;
  }
}

TEST_F(OpenCluster, RefusesABundleWithoutACertificate) {
  mount();
  std::ofstream(settings.service_account_dir + "/ca.crt") << "garbage";
  const auto found = refused();
  EXPECT_EQ(found.size(), 1U);
  EXPECT_TRUE(mention(found, "/ca.crt contains no usable PEM certificate"));
}

TEST_F(OpenCluster, PlainTextServerNeedsNeitherTokenNorBundle) {
  settings.api_server->tls = false;
  settings.target_namespace = "demo";
  settings.target_pod_override = "game-0";
  EXPECT_TRUE(std::holds_alternative<std::unique_ptr<cluster_identity>>(read_cluster_identity(settings)));
}

}  // namespace
}  // namespace sidecar::app
