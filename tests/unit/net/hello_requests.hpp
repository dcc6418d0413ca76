#pragma once

#include <string>

namespace sidecar::test {

/// A record of nothing but HelloRequests, which a client passes over: RFC 5246, 7.4.1.1.
inline std::string hello_requests() { return std::string("\x16\x03\x03\x40\x00", 5) + std::string(16'384, '\0'); }

}  // namespace sidecar::test
