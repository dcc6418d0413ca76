#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sidecar/http/health_response.hpp"

namespace sidecar::probe {

/// What a query of a health port showed.
struct probe_outcome {
  enum class state : std::uint8_t { up, drain, down };

  state what = state::down;
  std::string line;                                 ///< for the operator, printable: "down: 500 ContainerNotReady"
  std::optional<http::health_response> response{};  ///< empty: there was no complete response
};

/// PURE. Only the status 200 is up. A drain is an error status (400 to 599) that says so in X-Health-Drain.
probe_outcome judge(const http::health_response& complete);

/// PURE. For a query without a complete response; `why` may contain foreign text.
probe_outcome no_response(std::string_view why);

/// PURE. 0, `drain_exit` or 1.
int exit_code_of(const probe_outcome& outcome, int drain_exit) noexcept;

}  // namespace sidecar::probe
