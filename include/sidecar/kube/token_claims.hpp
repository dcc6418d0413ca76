#pragma once

#include <string>
#include <string_view>

namespace sidecar::kube {

/// Who a bound service-account token says we are. Read, never verified: it chooses what to ask for, and the API server
/// decides what to answer. Empty where the token does not say.
struct token_claims {
  std::string namespace_name;  ///< kubernetes.io.namespace
  std::string pod_name;        ///< kubernetes.io.pod.name
  std::string pod_uid;         ///< kubernetes.io.pod.uid
};

/// Decodes the payload of a JWT (RFC 7519; claims as in Kubernetes' pkg/serviceaccount/claims.go). A token that is not
/// a JWT, or not one with those claims, has none: legacy tokens authenticate as well. A name or namespace that is not
/// of Kubernetes' alphabet counts as absent.
token_claims read_claims(std::string_view token);

}  // namespace sidecar::kube
