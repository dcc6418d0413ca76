#include "sidecar/status/route.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace sidecar::status {
namespace {

using http::method;

const std::vector<std::string> names{"status.example.com"};

struct host_row {
  std::string_view host;
  bool is_ours;
};

TEST(StatusHost, IsAnAddressOrLocalhostOrListed) {
  for (const auto& [host, is_ours] : {
           host_row{"", true},
           {"127.0.0.1", true},
           {"10.0.0.5:3002", true},
           {"[::1]", true},
           {"[fd00::5]:3002", true},
           {"localhost", true},
           {"LocalHost:3002", true},
           {"status.example.com", true},
           {"Status.Example.COM:80", true},
           {"evil.example", false},
           {"status.example.com.evil.example", false},
           {"localhost.evil.example", false},
           {"127.0.0.1.evil.example:3002", false},
           {"evil.example:127.0.0.1", false},
           {"[::1", false},
           {"[::1]evil.example", false},
           {"::1", false},
           {"127.0.0.1:notaport", false},
           {"localhost:80@evil.example", false},
           {"localhost.", true},
           {"status.example.com.:3002", true},
           {"[evil.example]", false},
           {"[]", false},
           {":3002", false},
           {"user@127.0.0.1", false},
       }) {
    EXPECT_EQ(is_our_host(host, names), is_ours) << host;
  }
}

struct route_row {
  method asked;
  std::string_view target;
  route found;
  route without_page;
};

TEST(StatusRoute, ByPathAndMethod) {
  for (const auto& row : {
           route_row{method::get, "/metrics", route::metrics, route::metrics},
           {method::head, "/metrics?x=y", route::metrics, route::metrics},
           {method::get, "/livez", route::livez, route::livez},
           {method::get, "/readyz", route::readyz, route::readyz},
           {method::get, "/status", route::document, route::not_found},
           {method::get, "/", route::page, route::not_found},
           {method::options, "/metrics", route::method_not_allowed, route::method_not_allowed},
           {method::other, "/", route::method_not_allowed, route::not_found},
           {method::get, "/healthz", route::not_found, route::not_found},
           {method::get, "/metrics/", route::not_found, route::not_found},
           {method::get, "", route::not_found, route::not_found},
           {method::get, "http://127.0.0.1/metrics", route::not_found, route::not_found},
       }) {
    const http::request asked{.method = row.asked, .target = row.target, .host = "127.0.0.1:3002"};
    EXPECT_EQ(route_of(asked, {}), row.found) << row.target;
    EXPECT_EQ(route_of(asked, {.has_page = false}), row.without_page) << row.target;
  }
}

TEST(StatusRoute, AnotherNameInHostGetsNothing) {
  for (const std::string_view target : {"/metrics", "/", "/livez", "/nothing"}) {
    const http::request asked{.method = method::get, .target = target, .host = "evil.example"};
    EXPECT_EQ(route_of(asked, {.hosts = names}), route::misdirected) << target;
  }
}

}  // namespace
}  // namespace sidecar::status
