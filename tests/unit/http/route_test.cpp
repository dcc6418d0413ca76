#include "sidecar/http/route.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace sidecar::http {
namespace {

TEST(Route, HealthPathsLeadToTheHealthAnswer) {
  for (const std::string_view target : {"/healthz", "/health", "/"}) {
    for (const auto asked : {method::get, method::head, method::options}) {
      EXPECT_EQ(route_of(asked, target), destination{route::health}) << target;
    }
  }
}

TEST(Route, AnAsteriskAsksForTheHealthWithOptionsOnly) {
  EXPECT_EQ(route_of(method::options, "*"), destination{route::health});
  EXPECT_EQ(route_of(method::get, "*"), destination{route::not_found});
  EXPECT_EQ(route_of(method::other, "*"), destination{route::not_found});
  EXPECT_EQ(route_of(method::options, "*?x"), destination{route::not_found});
}

TEST(Route, LivezIsAboutTheProcess) {
  EXPECT_EQ(route_of(method::get, "/livez"), destination{route::livez});
  EXPECT_EQ(route_of(method::head, "/livez?verbose"), destination{route::livez});
}

TEST(Route, OtherMethodsAreNotAllowedOnPathsThatExist) {
  EXPECT_EQ(route_of(method::other, "/healthz"), destination{route::method_not_allowed});
  EXPECT_EQ(route_of(method::other, "/livez"), destination{route::method_not_allowed});
  EXPECT_EQ(route_of(method::other, "/metrics"), destination{route::not_found});
}

TEST(Route, APathMayNameOneContainer) {
  EXPECT_EQ(route_of(method::get, "/healthz/game"), (destination{route::health, "game"}));
  EXPECT_EQ(route_of(method::options, "/healthz/Game-2?x=y"), (destination{route::health, "Game-2"}));
  EXPECT_EQ(route_of(method::head, "http://h/healthz/livez"), (destination{route::health, "livez"}));
  EXPECT_EQ(route_of(method::get, "/healthz/" + std::string(63, 'a')),
            (destination{route::health, std::string(63, 'a')}));
  EXPECT_EQ(route_of(method::other, "/healthz/game"), destination{route::method_not_allowed});
}

TEST(Route, WhatCanBeNoContainersNameIsOneThatNoPodHas) {
  for (const std::string& name :
       {std::string{"a.b"}, std::string{"a_b"}, std::string{"%61"}, std::string{".."}, std::string(64, 'a')}) {
    EXPECT_EQ(route_of(method::get, "/healthz/" + name), (destination{route::health, name})) << name;
  }
  EXPECT_EQ(route_of(method::get, "/healthz/" + std::string(8'000, 'a')),
            (destination{route::health, std::string(64, 'a')}));
  for (const auto* const path : {"/healthz/a/b", "/healthz/a/", "/healthz//", "/healthz/"}) {
    EXPECT_EQ(route_of(method::get, path), destination{route::not_found}) << path;
  }
}

TEST(Route, QueriesAreIgnored) {
  for (const std::string_view target : {"/?", "/healthz?", "/healthz?a=b/c", "/health?http://x/y", "/?x=/livez"}) {
    EXPECT_EQ(route_of(method::get, target), destination{route::health}) << target;
  }
}

TEST(Route, AbsoluteTargetsCountByTheirPath) {
  for (const std::string_view target :
       {"http://h/healthz", "http://h", "http://h/", "http://h?x", "https://h:8443/health?x", "HTTP://[::1]:80/"}) {
    EXPECT_EQ(route_of(method::get, target), destination{route::health}) << target;
  }
  EXPECT_EQ(route_of(method::get, "http://h/livez"), destination{route::livez});
}

TEST(Route, EverythingElseIsNotFound) {
  for (const std::string_view target : {"",
                                        "healthz",
                                        "//",
                                        "//healthz",
                                        "/healthz/",
                                        "/healthz/../livez",
                                        "/./healthz",
                                        "/%68ealthz",
                                        "/healthz%2e",
                                        "/healthz%00",
                                        "/HEALTHZ",
                                        "/healthz;x",
                                        "/healthzz",
                                        "/healthz#a",
                                        "/#",
                                        "http://h/healthz#",
                                        "http:///healthz",
                                        "http://",
                                        "http:/h/",
                                        "ftp://h/",
                                        "h:80",
                                        "/livez/",
                                        "/healthz\\",
                                        "http://h//healthz",
                                        "/h\xc3\xa9",
                                        "?",
                                        "http://?/healthz"}) {
    EXPECT_EQ(route_of(method::get, target), destination{route::not_found}) << target;
  }
}

TEST(RouteOfANode, NamesAWorkloadOrNothing) {
  const destination unnamed{route::health};
  const struct {
    const char* target;
    destination expected;
  } rows[] = {
      {"/healthz/demo/web", {route::health, "demo/web"}},
      {"/healthz/demo/web?a=b", {route::health, "demo/web"}},
      {"http://node:3000/healthz/demo/web", {route::health, "demo/web"}},
      {"/healthz/demo/web/game", {route::health, "demo/web/game"}},
      {"/nodez", {route::health, "nodez"}},
      {"/livez", {route::livez}},
      {"/", unnamed},
      {"/healthz", unnamed},
      {"/health", unnamed},
      {"/healthz/web", unnamed},
      {"/healthz/nodez", unnamed},
      {"/healthz/", unnamed},
      {"/healthz/demo/", unnamed},
      {"/healthz//web", unnamed},
      {"/healthz/demo/web/", unnamed},
      {"/healthz/demo/web/game/more", unnamed},
      {"/healthz/demo%2Fweb", unnamed},
      {"/healthz/../livez", {route::health, "../livez"}},
      {"/nodez/", {route::not_found}},
      {"/Healthz/demo/web", {route::not_found}},
  };
  for (const auto& row : rows)
    EXPECT_EQ(route_of(method::get, row.target, config::run_mode::node), row.expected) << row.target;
  EXPECT_EQ(route_of(method::options, "*", config::run_mode::node), unnamed);
  EXPECT_EQ(route_of(method::other, "/healthz/demo/web", config::run_mode::node).route, route::method_not_allowed);
  EXPECT_EQ(route_of(method::get, "/healthz/demo/web").route, route::not_found) << "a pod has no such path";
  const auto overlong = "/healthz/demo/" + std::string(5000, 'a');
  EXPECT_LE(route_of(method::get, overlong, config::run_mode::node).named.size(), 192u);
}

}  // namespace
}  // namespace sidecar::http
