#include "sidecar/doctor/target_check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "sidecar/doctor/checks.hpp"
#include "sidecar/doctor/permission_check.hpp"

namespace sidecar::doctor {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

TEST(DoctorTarget, IsAPodOrThePodsOfANode) {
  config::config settings;
  const kube::target_pod pod{{"demo", "game-0"}, "HOSTNAME", ""};
  EXPECT_EQ(describe_target(settings, pod).what, "demo/game-0, from HOSTNAME");
  settings.mode = config::run_mode::node;
  settings.node_name = "node-a";
  EXPECT_THAT(describe_target(settings, pod).what, HasSubstr("node node-a: pods in every namespace with the label"));
  settings.target_namespace = "games";
  EXPECT_THAT(describe_target(settings, pod).what, HasSubstr("node node-a: pods in namespace games"));
}

TEST(DoctorSkipped, NamesTheChecksThatTheModeHas) {
  const auto skipped = [](const config::config& settings) {
    using namespace checks;
    const auto found = skipped_checks(settings, {permissions, pod, container, checks::verdict, spec, node});
    return found.empty() ? "" : found.front().what;
  };
  config::config settings;
  EXPECT_THAT(skipped(settings), EndsWith(": permissions, pod, container, verdict, spec"));
  settings.node_drain = true;
  EXPECT_THAT(skipped(settings), EndsWith(": permissions, pod, container, verdict, spec, node"));
  settings.mode = config::run_mode::node;
  EXPECT_THAT(skipped(settings), EndsWith(": permissions, node"));
  settings.node_drain = false;
  EXPECT_THAT(skipped(settings), EndsWith(": permissions"));
  EXPECT_TRUE(skipped_checks(settings, {checks::node}).empty());
}

TEST(DoctorNodePermissions, SayWhatIsMissingAndWhatToApply) {
  const struct {
    std::optional<bool> list;
    std::optional<bool> watch;
    const char* name_space;
    level expected;
    const char* what;
    const char* hint;
  } rows[] = {
      {true, true, "", level::ok, "may list and watch pods in every namespace", ""},
      {true, false, "", level::fail, "may not watch pods in every namespace", "deploy/node's ClusterRole"},
      {false, true, "", level::fail, "may not list pods", "set TARGET_NAMESPACE"},
      {false, false, "games", level::fail, "may not list and watch pods in namespace games",
       "--verb=get,list,watch --resource=pods -n games"},
      {std::nullopt, std::nullopt, "", level::ok, "cannot ask", ""},
  };
  for (const auto& row : rows) {
    const auto found = check_node_permissions(
        {.pod = {row.name_space, ""}, .user = "u", .needs_watch = true, .list = row.list, .watch = row.watch});
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found.front().level, row.expected) << row.what;
    EXPECT_THAT(found.front().what, HasSubstr(row.what));
    EXPECT_THAT(found.front().hint, HasSubstr(row.hint));
  }
}

}  // namespace
}  // namespace sidecar::doctor
