#include "sidecar/status/responder.hpp"

#include <gtest/gtest.h>

#include <string_view>

#include "some_facts.hpp"

namespace sidecar::status {
namespace {

using http::method;

constexpr std::string_view text = "text/plain; charset=utf-8";

struct row {
  method asked;
  std::string_view target;
  unsigned status;
  unsigned without_page;
  std::string_view content_type = text;
};

TEST(StatusResponder, AnswersByPathAndMethod) {
  const some_facts known;
  const responder with_page({}, known);
  const responder without_page({.has_page = false, .hosts = {}}, known);
  for (const auto& one : {
           row{method::get, "/metrics", 200, 200, "text/plain; version=0.0.4; charset=utf-8"},
           {method::head, "/metrics?x=y", 200, 200, "text/plain; version=0.0.4; charset=utf-8"},
           {method::get, "/livez", 200, 200},
           {method::get, "/readyz", 503, 503},
           {method::get, "/status", 200, 404, "application/json"},
           {method::get, "/", 200, 404, "text/html; charset=utf-8"},
           {method::options, "/metrics", 405, 405},
           {method::other, "/", 405, 404},
           {method::get, "/healthz", 404, 404},
           {method::get, "/metrics/", 404, 404},
           {method::get, "", 404, 404},
           {method::get, "http://127.0.0.1/metrics", 404, 404},
       }) {
    const http::request asked{.method = one.asked, .target = one.target, .host = "127.0.0.1:3002"};
    const auto given = with_page.respond(asked);
    EXPECT_EQ(given.status, one.status) << one.target;
    EXPECT_EQ(given.content_type, one.content_type) << one.target;
    EXPECT_EQ(without_page.respond(asked).status, one.without_page) << one.target;
  }
}

TEST(StatusResponder, AnotherNameInHostGetsNothing) {
  const some_facts known;
  const responder tested({.hosts = {"status.example.com"}}, known);
  for (const std::string_view target : {"/metrics", "/", "/livez", "/nothing"}) {
    const http::request asked{.method = method::get, .target = target, .host = "evil.example"};
    EXPECT_EQ(tested.respond(asked).status, 421U) << target;
  }
}

}  // namespace
}  // namespace sidecar::status
