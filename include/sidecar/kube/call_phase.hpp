#pragma once

#include <string_view>

/// What a call is doing, as the message of a timeout says it.
namespace sidecar::kube::call_phase {

inline constexpr std::string_view lookup = "looking up the API server's name";
inline constexpr std::string_view connect = "connecting";
inline constexpr std::string_view tls_handshake = "in the TLS handshake";
/// Before another attempt, or because another call has started meanwhile.
inline constexpr std::string_view rate_limit = "waiting until API_QPS allows a request";
inline constexpr std::string_view request = "sending the request";
inline constexpr std::string_view response_head = "waiting for the response";
inline constexpr std::string_view response_body = "reading the response";

}  // namespace sidecar::kube::call_phase
