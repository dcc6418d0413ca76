#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sidecar::net {

/// PURE. The DNS SANs (case-insensitive) that make a certificate valid for `host`: the name and its literal wildcard.
/// OpenSSL matches wildcards only with two labels after the star and without underscores; Go's crypto/x509 (verify.go,
/// matchHostnames) matches "*.svc" and "*.my_domain.example" too. A final dot of `host` is ignored. Empty if no
/// certificate can match: OpenSSL would treat an empty name as "any", and one with a leading dot as a whole domain.
std::vector<std::string> names_to_match(std::string_view host);

}  // namespace sidecar::net
