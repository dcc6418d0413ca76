#pragma once

#include <chrono>
#include <string>

namespace sidecar::test {

/// What a projected service-account token says of its bearer. Empty `pod_name` leaves the pod and the node out, as in
/// a token that is bound to no pod.
struct token_claims {
  std::string name_space = "demo";
  std::string service_account = "sidecar";
  std::string pod_name = "game-0";
  std::string pod_uid = "37747e0d-0418-4795-89f9-d14d09915292";
  std::string node_name = "node-a";
  std::chrono::seconds lifetime{3607};
};

/// A token in the form of a JWT with the claims of a real one; the signature is noise, so that every call gives
/// another token.
std::string make_token(const token_claims& claims = {});

/// `system:serviceaccount:<namespace>:<name>`: who RBAC says it is.
std::string user_of(const token_claims& claims);

}  // namespace sidecar::test
