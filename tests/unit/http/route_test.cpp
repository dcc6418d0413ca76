#include "sidecar/http/route.hpp"

#include <gtest/gtest.h>

#include <string_view>

namespace sidecar::http {
namespace {

TEST(Route, HealthPathsLeadToTheHealthAnswer) {
  for (const std::string_view target : {"/healthz", "/health", "/"}) {
    for (const auto asked : {method::get, method::head, method::options}) {
      EXPECT_EQ(route_of(asked, target), route::health) << target;
    }
  }
}

TEST(Route, AnAsteriskAsksForTheHealthWithOptionsOnly) {
  EXPECT_EQ(route_of(method::options, "*"), route::health);
  EXPECT_EQ(route_of(method::get, "*"), route::not_found);
  EXPECT_EQ(route_of(method::other, "*"), route::not_found);
  EXPECT_EQ(route_of(method::options, "*?x"), route::not_found);
}

TEST(Route, LivezIsAboutTheProcess) {
  EXPECT_EQ(route_of(method::get, "/livez"), route::livez);
  EXPECT_EQ(route_of(method::head, "/livez?verbose"), route::livez);
}

TEST(Route, OtherMethodsAreNotAllowedOnPathsThatExist) {
  EXPECT_EQ(route_of(method::other, "/healthz"), route::method_not_allowed);
  EXPECT_EQ(route_of(method::other, "/livez"), route::method_not_allowed);
  EXPECT_EQ(route_of(method::other, "/metrics"), route::not_found);
}

TEST(Route, QueriesAreIgnored) {
  for (const std::string_view target : {"/?", "/healthz?", "/healthz?a=b/c", "/health?http://x/y", "/?x=/livez"}) {
    EXPECT_EQ(route_of(method::get, target), route::health) << target;
  }
}

TEST(Route, AbsoluteTargetsCountByTheirPath) {
  for (const std::string_view target :
       {"http://h/healthz", "http://h", "http://h/", "http://h?x", "https://h:8443/health?x", "HTTP://[::1]:80/"}) {
    EXPECT_EQ(route_of(method::get, target), route::health) << target;
  }
  EXPECT_EQ(route_of(method::get, "http://h/livez"), route::livez);
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
    EXPECT_EQ(route_of(method::get, target), route::not_found) << target;
  }
}

}  // namespace
}  // namespace sidecar::http
