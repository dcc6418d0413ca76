#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sidecar/status/facts.hpp"

namespace sidecar::status {

/// Facts of a sidecar that has just started and knows nothing yet; a test changes what it is about.
struct some_facts : fact_source {
  facts collect() const override { return value; }

  http::traffic counts{};
  http::client_table records{};
  kube::call_statistics calls{};
  std::vector<std::pair<std::string, std::string>> configuration{{"LISTEN", "[::]:3000"}};
  health::pod_state pod{};
  facts value{.now = {.wall = wall_time{std::chrono::seconds{1'764'439'200}},
                      .boot = time_point{std::chrono::seconds{1'000}},
                      .steady = std::chrono::steady_clock::time_point{std::chrono::seconds{900}}},
              .started = wall_time{std::chrono::seconds{1'764'439'000}},
              .statuses = {500, 500},
              .answer = {.now = {verdict_of(health::reason::api_timeout)},
                         .since = wall_time{std::chrono::seconds{1'764'439'100}}},
              .past = {},
              .clients = {.counts = &counts, .records = &records},
              .source = {.name = "live", .api_server = "https://10.96.0.1:443", .calls = &calls},
              .expiry = {},
              .configuration = &configuration};
};

}  // namespace sidecar::status
