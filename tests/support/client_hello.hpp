#pragma once

#include <string>

namespace sidecar::test {

/// What a TLS client sends first, as OpenSSL says it.
std::string client_hello();

}  // namespace sidecar::test
