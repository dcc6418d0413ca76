#include "sidecar/http/route.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace sidecar::http {
namespace {

TEST(Route, IsAHealthPathLivezOrNothing) {
  const destination health{route::health};
  const destination livez{route::livez};
  const destination not_found{route::not_found};
  const destination not_allowed{route::method_not_allowed};
  const auto container = [](std::string_view name) { return destination{route::health, name}; };
  const std::string longest(63, 'a');
  const std::string overlong(64, 'a');
  const struct {
    destination expected;
    std::vector<std::string> targets;
    std::vector<method> methods = {method::get, method::head, method::options};
  } rows[] = {
      {health, {"/healthz", "/health", "/"}},
      {health, {"/?", "/healthz?", "/healthz?a=b/c", "/health?http://x/y", "/?x=/livez"}},
      {health,
       {"http://h/healthz", "http://h", "http://h/", "http://h?x", "https://h:8443/health?x", "HTTP://[::1]:80/"}},
      {health, {"*"}, {method::options}},
      {not_found, {"*"}, {method::get, method::other}},
      {not_found, {"*?x"}},
      {livez, {"/livez", "/livez?verbose", "http://h/livez"}},
      {not_allowed, {"/healthz", "/livez", "/healthz/game"}, {method::other}},
      {not_found, {"/metrics"}, {method::other}},
      {container("game"), {"/healthz/game"}},
      {container("Game-2"), {"/healthz/Game-2?x=y"}},
      {container("livez"), {"http://h/healthz/livez"}},
      {container(longest), {"/healthz/" + longest}},
      // What can be no container's name is one that no pod has.
      {container("a.b"), {"/healthz/a.b"}},
      {container("a_b"), {"/healthz/a_b"}},
      {container("%61"), {"/healthz/%61"}},
      {container(".."), {"/healthz/.."}},
      {container(overlong), {"/healthz/" + overlong, "/healthz/" + std::string(8'000, 'a')}},
      {not_found, {"/healthz/a/b", "/healthz/a/", "/healthz//", "/healthz/", "/livez/"}},
      {not_found, {"", "?", "healthz", "//", "//healthz", "/HEALTHZ", "/healthz;x", "/healthzz", "/healthz\\"}},
      {not_found, {"/healthz/../livez", "/./healthz", "/%68ealthz", "/healthz%2e", "/healthz%00", "/h\xc3\xa9"}},
      {not_found, {"/healthz#a", "/#", "http://h/healthz#"}},
      {not_found,
       {"http:///healthz", "http://", "http:/h/", "ftp://h/", "h:80", "http://h//healthz", "http://?/healthz"}},
  };
  for (const auto& row : rows) {
    for (const auto& target : row.targets) {
      for (const auto asked : row.methods) {
        EXPECT_EQ(route_of(asked, target), row.expected) << static_cast<int>(asked) << ' ' << target;
      }
    }
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
      {"/healthz/demo//web", unnamed},
      {"/healthz/shop/../demo/web", unnamed},
      {"/healthz/shop/%2e%2e/demo/web", unnamed},
      {"/healthz/demo%2Fweb", unnamed},
      {"/healthz/demo/web%2Fapp", {route::health, "demo/web%2Fapp"}},
      {"/healthz/demo/web%00", {route::health, "demo/web%00"}},
      {"/healthz%2Fdemo%2Fweb", {route::not_found}},
      {"/nodez/demo/web", {route::not_found}},
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
  EXPECT_EQ(route_of(method::get, overlong, config::run_mode::node).named.size(), 192u) << "longer than any name";
}

}  // namespace
}  // namespace sidecar::http
