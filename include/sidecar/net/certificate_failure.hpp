#pragma once

#include <string>
#include <string_view>

namespace sidecar::net {

/// PURE. Why a chain was not accepted (X509_V_ERR_...), in OpenSSL's words, and where they do not say it what can be
/// done: "EE certificate key too weak: RSA keys need 2048 bits here; issue it with a larger key".
std::string describe_failure(long error);

/// Of a certificate that OpenSSL could not even read, so that the handshake ended before any verification. Which ones
/// these are differs: 3.5 takes the time of none without seconds.
constexpr std::string_view unreadable_certificate =
    "a certificate that was sent cannot be read: issue it as RFC 5280 has it, with times in UTC and with seconds for "
    "one";

}  // namespace sidecar::net
