#pragma once

#include <cstdint>

namespace sidecar::http {

/// What a connection is waiting for.
enum class phase : std::uint8_t {
  awaiting_first_byte,  ///< the first byte of the first request
  reading_head,         ///< the rest of a request or PROXY header, or the admission to a TLS handshake
  handshaking,          ///< the rest of a TLS handshake
  idle,                 ///< the first byte of another request
  answering,            ///< the answer; bounded by ANSWER_TIMEOUT
  writing,              ///< the client to read its answer
  lingering,            ///< the client to close after its last answer
};

}  // namespace sidecar::http
