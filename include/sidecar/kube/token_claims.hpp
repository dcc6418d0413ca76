#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "sidecar/base/json.hpp"

namespace sidecar::kube {

/// The identity in a bound service-account token. Not verified: it only selects the pod to query, and the API server
/// verifies the token. Absent claims are empty.
struct token_claims {
  std::string namespace_name;  ///< kubernetes.io.namespace
  std::string pod_name;        ///< kubernetes.io.pod.name
  std::string pod_uid;         ///< kubernetes.io.pod.uid
};

/// PURE. Decodes the payload of a JWT (RFC 7519; claims as in Kubernetes' pkg/serviceaccount/claims.go). A token that
/// is no JWT, or has other claims, has none: legacy tokens authenticate too. A malformed name or namespace counts as
/// absent.
token_claims read_claims(std::string_view token);

/// PURE. The payload of a JWT, which should be JSON; empty for a token that is none. It names no secret: the signature
/// is not part of it.
std::string payload_of(std::string_view token);

/// PURE. A claim that is a time (RFC 7519, NumericDate); empty for none. Only whole seconds from 1970 to the end of
/// 9999 are one: the token is not verified, and such a time can be printed and subtracted from another one.
std::optional<std::chrono::sys_seconds> time_of_claim(const json::value& claim);

/// PURE. When the token expires (`exp`); empty for one that does not say.
std::optional<std::chrono::sys_seconds> expiry_of(std::string_view token);

}  // namespace sidecar::kube
