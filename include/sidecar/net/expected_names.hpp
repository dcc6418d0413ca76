#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sidecar::net {

/// PURE. What a certificate's DNS SAN has to say, in any case of letters, to be a certificate for `host`: the name, and
/// its wildcard word for word. OpenSSL matches wildcards, but only those with two labels behind the star and without
/// underscores; Go's crypto/x509 (verify.go, matchHostnames) matches "*.svc" and "*.my_domain.example" too. A dot at
/// the end of `host` is not part of it. Empty if no certificate can be for it: OpenSSL would take an empty name for no
/// expectation, and one that begins with a dot for a whole domain.
std::vector<std::string> names_to_match(std::string_view host);

}  // namespace sidecar::net
