#pragma once

#include <cstdint>
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

/// Whether the token could be asked what it is bound to.
enum class token_state : std::uint8_t {
  read,
  missing,     ///< there is no file
  unreadable,  ///< there is one, and what it says is not known
};

/// Settles what the configuration leaves to files. Pod: TARGET_POD_OVERRIDE, else the pod the token is bound to (right
/// under hostNetwork, where HOSTNAME is the node), else HOSTNAME. Namespace: TARGET_NAMESPACE, else the namespace file,
/// else the token's claim, for whoever projects a token without the rest.
/// Mistakes, all at once, in the words of config::load; none at all if only a token that is unreadable could settle it.
std::variant<target_pod, std::vector<std::string>> resolve_target(const config::config& settings,
                                                                  const token_claims& claims, token_state token,
                                                                  const namespace_file& file);

/// The uid the target must have: the token's, when the target is the pod the token is bound to; empty otherwise.
std::string bound_uid(const pod_name& pod, const token_claims& claims);

}  // namespace sidecar::kube
