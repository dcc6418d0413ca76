#pragma once

#include <cstdint>
#include <string_view>

namespace sidecar::kube {

/// The progress of a call, for the message of a timeout.
enum class call_phase : std::uint8_t {
  lookup,
  connect,
  tls_handshake,
  rate_limit,  ///< before another attempt, or because another call has started meanwhile
  request,
  response_head,
  response_body,
};

constexpr std::string_view describe(call_phase where) noexcept {
  switch (where) {
    case call_phase::lookup:
      return "looking up the API server's name";
    case call_phase::connect:
      return "connecting";
    case call_phase::tls_handshake:
      return "in the TLS handshake";
    case call_phase::rate_limit:
      return "waiting until API_QPS allows a request";
    case call_phase::request:
      return "sending the request";
    case call_phase::response_head:
      return "waiting for the response";
    case call_phase::response_body:
      return "reading the response";
  }
  return "";
}

}  // namespace sidecar::kube
