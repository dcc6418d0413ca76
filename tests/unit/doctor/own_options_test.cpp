#include "sidecar/doctor/own_options.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace sidecar::doctor {
namespace {

TEST(OptionsOf, FlagsThenArgsThenEnvironment) {
  container_spec own{.name = "health",
                     .words = {"--drain=5s", "--listen", ":3100", "--drain=6s"},
                     .variables = {{"HTTP_HEALTHCHECK_SIDECAR_DRAIN", "1s"},
                                   {"HTTP_HEALTHCHECK_SIDECAR_TARGET_CONTAINER", "game"},
                                   {"PATH", "/bin"}}};
  const config::environment variables{{"KUBERNETES_SERVICE_HOST", "10.96.0.1"},
                                      {"KUBERNETES_SERVICE_PORT", "443"},
                                      {"POD_IP", "10.0.0.7"},
                                      {"HTTP_HEALTHCHECK_SIDECAR_TARGET_CONTAINER", "other"}};
  const auto options = [&](const config::flags& given) {
    const auto loaded = options_of(own, variables, given);
    const auto* usable = std::get_if<config::config>(&loaded);
    return usable == nullptr ? std::nullopt : std::optional{*usable};
  };

  const auto found = options({{"LISTEN", ":3200"}});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->drain, std::chrono::seconds{6}) << "the last counts";
  EXPECT_EQ(found->listen.port, 3200);
  EXPECT_EQ(found->target_containers, std::vector<std::string>{"game"});

  own.words = {"--drain=$(TIME)", "--target-container=$(NONE)x"};
  own.variables = {{"TIME", "7s"}, {"HTTP_HEALTHCHECK_SIDECAR_LISTEN", "$(POD_IP):3100"}};
  EXPECT_FALSE(options({})) << "$(NONE) stays, and is no name";
  own.words.pop_back();
  ASSERT_TRUE(options({}));
  EXPECT_EQ(options({})->drain, std::chrono::seconds{7});
  EXPECT_EQ(options({})->listen.address, "10.0.0.7");

  own.words = {"--target-container=game", "--maintenance-label=$(TIME", "--drain=$(TIME)"};
  EXPECT_FALSE(options({})) << "a reference that does not end is text, and no label";
  own.words = {"--tls-cert=/$$(TIME)/$x$$/$"};
  ASSERT_TRUE(options({}));
  EXPECT_EQ(options({})->tls_cert, "/$(TIME)/$x$/$") << "$$ is $";

  const std::vector<std::string> refused[] = {
      {"--drain=soon"}, {"--drian=6s"}, {"--stale-grace"}, {"--stale-grace", "--drain=0"}};
  for (const auto& words : refused) {
    own.words = words;
    EXPECT_FALSE(options({})) << words.front() << ", as serve does";
  }
}

}  // namespace
}  // namespace sidecar::doctor
