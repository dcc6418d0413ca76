#include "sidecar/http/keep_alive.hpp"

#include <gtest/gtest.h>

namespace sidecar::http {
namespace {

constexpr request kept{.method = method::get, .version = http_version::http_1_1, .keep_alive = true};
constexpr request kept_by_1_0{.method = method::get, .keep_alive = true};
constexpr request closing{.method = method::get, .version = http_version::http_1_1};
constexpr request http_0_9{.method = method::get, .version = http_version::http_0_9};
constexpr request body{
    .method = method::other, .version = http_version::http_1_1, .keep_alive = true, .has_body = true};

TEST(KeepAlive, FollowsFromTheRequestAndTheServer) {
  using header = connection_header;
  using enum next_step;
  const struct {
    const char* what;
    request answered;
    keep_alive_conditions conditions;
    keep_alive_decision decided;
  } rows[] = {
      {"HTTP/1.1 keeps by itself", kept, {}, {header::none, proceed}},
      {"also over TLS", kept, {.is_tls = true}, {header::none, proceed}},
      {"also with the next request there", kept, {.more_input = true}, {header::none, proceed}},
      {"HTTP/1.0 is told", kept_by_1_0, {}, {header::keep_alive, proceed}},
      {"a client that wants the end gets it", closing, {}, {header::close, close}},
      {"but not while it sends", closing, {.more_input = true}, {header::close, linger}},
      {"nor over TLS, which may send an alert", closing, {.is_tls = true}, {header::close, linger}},
      {"a client that wants to stay may be sending", kept, {.may_stay = false}, {header::close, linger}},
      {"the end counts more than the server", closing, {.may_stay = false}, {header::close, close}},
      {"whoever names no version may send more lines", http_0_9, {}, {header::close, linger}},
      {"a body is on its way", body, {}, {header::close, linger}},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(decide_keep_alive(row.answered, row.conditions), row.decided) << row.what;
  }
}

}  // namespace
}  // namespace sidecar::http
