#include "sidecar/app/startup_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "unit/journal/log_line_fields.hpp"

namespace sidecar::app {
namespace {

using testing::Contains;
using testing::ElementsAre;

class StartupReport : public testing::Test {
 protected:
  StartupReport() { settings.api_server = config::api_url{.tls = true, .host = "10.0.0.1", .port = 443}; }

  std::vector<journal::log_line> lines() const { return startup_report(settings, facts); }

  config::config settings;
  startup_facts facts{.listen = "[::]:3000", .target = kube::target_pod{{"demo", "game-0"}, "the token", ""}};
};

TEST_F(StartupReport, SaysWhereItListensAndForWhatItAnswers) {
  const auto said = lines();
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said.front().level, log::level::info);
  EXPECT_THAT(fields_of(said.front()), ElementsAre("listen=[::]:3000", "target=demo/game-0", "pod_name_from=the token",
                                                   "container=all", "source=live", "api=https://10.0.0.1:443"));
}

TEST_F(StartupReport, EverySettingThatDecidesIsShown) {
  settings.target_containers = {"game", "metrics"};
  settings.source = config::source_mode::watch;
  settings.tls_cert = "/tls/tls.crt";
  facts.agent = "0.0.0.0:3001";
  facts.status = "127.0.0.1:3002";
  EXPECT_THAT(
      fields_of(lines().front()),
      ElementsAre("listen=[::]:3000", "tls=on", "agent=0.0.0.0:3001", "status=127.0.0.1:3002", "target=demo/game-0",
                  "pod_name_from=the token", "container=game,metrics", "source=watch", "api=https://10.0.0.1:443"));
  settings.tls_client_ca = "/tls/ca.crt";
  settings.require = config::requirement::pod;
  EXPECT_THAT(fields_of(lines().front()), Contains("tls=with client certificates"));
  EXPECT_THAT(fields_of(lines().front()), Contains("condition=Ready"));
}

TEST_F(StartupReport, OfANodeNamesTheNodeAndTheNamespaces) {
  settings.mode = config::run_mode::node;
  settings.node_name = "node-a";
  EXPECT_THAT(fields_of(lines().front()), ElementsAre("listen=[::]:3000", "node=node-a", "namespace=all",
                                                      "source=watch", "api=https://10.0.0.1:443"));
  settings.target_namespace = "games";
  EXPECT_THAT(fields_of(lines().front()), Contains("namespace=games"));
}

TEST_F(StartupReport, AnOverrideIsWarnedOf) {
  settings.state_override = "TRUE";
  facts.target.reset();
  auto said = lines();
  ASSERT_EQ(said.size(), 2U);
  EXPECT_THAT(fields_of(said.front()), ElementsAre("listen=[::]:3000", "source=override"));
  EXPECT_EQ(said.back().level, log::level::warn);
  EXPECT_THAT(said.back().message, testing::StartsWith("answers 200: "));
  EXPECT_THAT(fields_of(said.back()), ElementsAre("STATE_OVERRIDE=TRUE"));
  settings.state_override = "maintenance";
  settings.unhealthy_status = 503;
  EXPECT_THAT(lines().back().message, testing::StartsWith("answers 503: "));
}

TEST_F(StartupReport, WarningsAndADisagreementFollow) {
  settings.source = config::source_mode::watch;
  settings.stale_grace = {};
  facts.target->disagreement = "HOSTNAME says node-a";
  const auto said = lines();
  ASSERT_EQ(said.size(), 3U);
  EXPECT_EQ(said[1].level, log::level::warn);
  EXPECT_EQ(said[2].level, log::level::info);
  EXPECT_EQ(said[2].message, "HOSTNAME says node-a");
}

}  // namespace
}  // namespace sidecar::app
