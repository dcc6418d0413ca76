#pragma once

#include <boost/system/error_code.hpp>
#include <string>
#include <string_view>

namespace sidecar::net {

/// PURE. Why a chain was not accepted (X509_V_ERR_...), in OpenSSL's words, with advice if they need it: "EE
/// certificate key too weak: RSA keys need 2048 bits here; issue it with a larger key".
std::string describe_failure(long error);

/// For a certificate that OpenSSL could not parse, so that the handshake ended before any verification. OpenSSL 3.5
/// refuses more than 3.0, for instance times without seconds.
constexpr std::string_view unreadable_certificate =
    "a certificate that was sent cannot be read: issue it as RFC 5280 has it, with times in UTC and with seconds for "
    "one";

/// True if a handshake failed because of such a certificate.
bool is_unreadable_certificate(const boost::system::error_code& failed) noexcept;

}  // namespace sidecar::net
