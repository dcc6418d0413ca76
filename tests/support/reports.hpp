#pragma once

#include <nlohmann/json.hpp>

#include "support/api_server.hpp"

namespace sidecar::test {

/// What the control address says of the server so far. Times are CLOCK_MONOTONIC's.
nlohmann::ordered_json counts_of(const api_server& server);
nlohmann::ordered_json requests_of(const api_server& server);
nlohmann::ordered_json events_of(const api_server& server);
nlohmann::ordered_json traffic_of(const api_server& server);

}  // namespace sidecar::test
