#include "sidecar/doctor/permission_check.hpp"

#include <gmock/gmock.h>

#include "sidecar/doctor/checks.hpp"

namespace sidecar::doctor {
namespace {

using testing::HasSubstr;
using testing::Not;

access_facts asked(bool get, bool list, bool watch, bool needs_watch) {
  return {.pod = {"demo", "game-0"},
          .user = "system:serviceaccount:demo:sidecar",
          .needs_watch = needs_watch,
          .get = get,
          .list = list,
          .watch = watch};
}

TEST(CheckPermissions, LiveNeedsGetAloneAndWatchAllThree) {
  struct row {
    access_facts facts;
    doctor::level get;
    doctor::level watch;
    std::string what;
  };
  for (const auto& [facts, get, watch, what] : std::vector<row>{
           {asked(true, true, true, false), level::ok, level::ok, "may list and watch"},
           {asked(true, false, false, false), level::ok, level::ok, "may not list and watch the pod, which only"},
           {asked(true, true, true, true), level::ok, level::ok, "may list and watch"},
           {asked(true, false, true, true), level::ok, level::warn, "may not list the pod: with SOURCE=watch"},
           {asked(true, true, false, true), level::ok, level::warn, "may not watch the pod: with SOURCE=watch"},
           {asked(true, false, false, true), level::ok, level::warn, "may not list and watch the pod: with"},
           {asked(false, true, true, false), level::fail, level::ok, "may list and watch"},
       }) {
    const auto found = check_permissions(facts);
    ASSERT_EQ(found.size(), 2U) << what;
    EXPECT_EQ(found[0].level, get) << what;
    EXPECT_EQ(found[1].level, watch) << what;
    EXPECT_THAT(found[1].what, HasSubstr(what));
  }
}

TEST(CheckPermissions, TheCommandsThatAreMissing) {
  auto facts = asked(false, false, false, false);
  EXPECT_EQ(check_permissions(facts)[0].hint,
            "kubectl create role health-sidecar --verb=get --resource=pods -n demo && kubectl create rolebinding "
            "health-sidecar --role=health-sidecar --serviceaccount=demo:sidecar -n demo");
  facts.needs_watch = true;
  facts.user = "jane@example.com";
  EXPECT_EQ(check_permissions(facts)[0].hint,
            "kubectl create role health-sidecar --verb=get,list,watch --resource=pods -n demo && kubectl create "
            "rolebinding health-sidecar --role=health-sidecar --user='jane@example.com' -n demo");
  facts.user = "";
  EXPECT_THAT(check_permissions(facts)[0].hint, HasSubstr("--serviceaccount=NAMESPACE:SERVICE-ACCOUNT"));
}

TEST(CheckPermissions, ARoleForOtherPods) {
  auto facts = asked(false, false, false, false);
  facts.rules = {{"game-1"}, {"game-2"}};
  const auto found = check_permissions(facts)[0];
  EXPECT_THAT(found.what, HasSubstr("resourceNames game-1, game-2"));
  EXPECT_THAT(found.hint, HasSubstr("add game-0 to the Role's resourceNames"));
  facts.rules = {{}};
  EXPECT_THAT(check_permissions(facts)[0].what, Not(HasSubstr("resourceNames")));
}

TEST(CheckPermissions, CannotAskIsNotAllowedOrDenied) {
  const auto found = check_permissions({.pod = {"demo", "game-0"}, .user = {}, .cannot_ask = "HTTP 403: no"});
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].level, level::ok);
  EXPECT_THAT(found[0].what, HasSubstr("cannot ask"));
}

TEST(CheckIdentity, WhoTheApiServerTakesUsFor) {
  const kube::token_claims claims{.namespace_name = "demo", .pod_name = "game-0", .pod_uid = "u-1"};
  struct row {
    reviewed<known_user> answer;
    doctor::level level;
    std::string what;
  };
  for (const auto& [answer, level, what] : std::vector<row>{
           {known_user{.user = "sa", .pod_name = "game-0", .pod_uid = "u-1"}, level::ok, "sa, of pod game-0"},
           {known_user{.user = "sa"}, level::ok, "knows us as sa"},
           {known_user{.user = "sa", .pod_name = "game-0", .pod_uid = "u-2"}, level::warn, "the token says u-1"},
           {cannot_ask{"HTTP 404"}, level::ok, "cannot ask"},
           {kube::failure{health::reason::api_unauthorized, "HTTP 401", {}}, level::fail, "ApiUnauthorized"},
       }) {
    const auto found = check_identity(answer, claims);
    EXPECT_EQ(found.level, level) << what;
    EXPECT_EQ(found.check, checks::identity);
    EXPECT_THAT(found.what, HasSubstr(what));
    EXPECT_EQ(found.hint.empty(), level == level::ok) << what;
  }
}

}  // namespace
}  // namespace sidecar::doctor
