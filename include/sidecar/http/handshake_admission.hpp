#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "sidecar/http/limits.hpp"

namespace sidecar::http {

/// The decision on a client that waits for its TLS handshake.
enum class admission : std::uint8_t {
  begin,
  evict_oldest,  ///< then begin: the oldest handshake has used up its time
  wait,
};

/// PURE. `oldest`: the start of the oldest pending handshake.
constexpr admission admit_handshake(std::size_t under_way, std::chrono::steady_clock::time_point oldest,
                                    std::chrono::steady_clock::time_point now, const limits& bounds) noexcept {
  if (under_way < bounds.handshakes) return admission::begin;
  return now - oldest >= bounds.handshake ? admission::evict_oldest : admission::wait;
}

}  // namespace sidecar::http
