#pragma once

#include <string>
#include <variant>
#include <vector>

#include "sidecar/config/config.hpp"
#include "sidecar/kube/request.hpp"
#include "sidecar/kube/service_account.hpp"

namespace sidecar::kube {

/// Which pod to ask about, and how we came to know; `origin` is for logs.
struct target_pod {
  pod_name pod;
  std::string origin;
  std::string disagreement;  ///< set when HOSTNAME and the token name different pods and nobody overrode them
};

/// Settles what the configuration leaves to files. Pod: TARGET_POD_OVERRIDE, else the pod the token is bound to (right
/// under hostNetwork, where HOSTNAME is the node), else HOSTNAME. Namespace: TARGET_NAMESPACE, else the namespace file.
/// Mistakes, all at once, in the words of config::load.
std::variant<target_pod, std::vector<std::string>> resolve_target(const config::config& settings,
                                                                  const token_claims& claims,
                                                                  const result<std::string>& namespace_file);

/// The uid the target must have: the token's, when the target is the pod the token is bound to; empty otherwise.
std::string bound_uid(const pod_name& pod, const token_claims& claims);

}  // namespace sidecar::kube
