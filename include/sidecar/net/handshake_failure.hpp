#pragma once

#include <boost/system/error_code.hpp>
#include <string>
#include <string_view>

namespace sidecar::net {

/// PURE. Why a TLS handshake with a client failed and what to do about it, as one line for the log; empty if the client
/// only disconnected. `failed` is Asio's or OpenSSL's error; `verification` is what is wrong with the client's
/// certificate (verification_failure), or empty.
std::string describe_handshake_failure(const boost::system::error_code& failed, std::string_view verification);

}  // namespace sidecar::net
