#pragma once

#include <string>

namespace sidecar::test {

/// What a TLS client sends first, as OpenSSL says it.
std::string client_hello();
/// The same with a key share that no server knows: it will ask for another one, and for a second ClientHello.
std::string client_hello_with_strange_key();

}  // namespace sidecar::test
