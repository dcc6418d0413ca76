#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sidecar::kube {

/// What a call is doing.
enum class call_phase : std::uint8_t {
  lookup,
  connect,
  tls_handshake,
  rate_limit,  ///< before another attempt, or because another call has started meanwhile
  request,
  response_head,
  response_body,
};

/// As the message of a timeout says it.
constexpr std::string_view to_string(call_phase phase) noexcept {
  constexpr std::array<std::string_view, 7> texts{"looking up the API server's name",
                                                  "connecting",
                                                  "in the TLS handshake",
                                                  "waiting until API_QPS allows a request",
                                                  "sending the request",
                                                  "waiting for the response",
                                                  "reading the response"};
  return texts[static_cast<std::size_t>(phase)];
}

}  // namespace sidecar::kube
