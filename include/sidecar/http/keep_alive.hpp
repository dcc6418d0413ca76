#pragma once

#include <cstdint>

#include "sidecar/http/request.hpp"
#include "sidecar/http/response.hpp"

namespace sidecar::http {

/// What a connection does next.
enum class next_step : std::uint8_t {
  proceed,  ///< with the next request
  close,    ///< at once: the client sends nothing more
  linger,   ///< close after the client has: closing earlier may destroy the answer (RFC 9112, 9.6)
};

/// The conditions of a keep-alive decision beside the request.
struct keep_alive_conditions {
  bool may_stay = true;     ///< it has requests left, no drain, not at capacity
  bool is_tls = false;      ///< TLS records may follow that are no request
  bool more_input = false;  ///< bytes after the request have arrived
};

struct keep_alive_decision {
  connection_header header;
  next_step next;

  friend bool operator==(const keep_alive_decision&, const keep_alive_decision&) = default;
};

/// PURE. What the connection does after the answer to the request `answered`.
keep_alive_decision decide_keep_alive(const request& answered, const keep_alive_conditions& conditions) noexcept;

}  // namespace sidecar::http
