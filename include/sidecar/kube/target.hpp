#pragma once

#include <string>
#include <variant>

#include "sidecar/config/config.hpp"
#include "sidecar/config/load.hpp"
#include "sidecar/health/evaluate.hpp"
#include "sidecar/kube/mounted_identity.hpp"
#include "sidecar/kube/pod_name.hpp"
#include "sidecar/kube/token_claims.hpp"

namespace sidecar::kube {

/// The pod whose readiness counts. `origin` says for the log where its name comes from.
struct target_pod {
  pod_name pod;
  std::string origin;
  std::string disagreement;  ///< set if HOSTNAME and the token name different pods and TARGET_POD_OVERRIDE is unset
};

/// PURE. Pod: TARGET_POD_OVERRIDE, else the pod the token is bound to (correct under hostNetwork, where HOSTNAME is the
/// node), else HOSTNAME. Namespace: TARGET_NAMESPACE, else the namespace file, else the token's claim (for a token that
/// is projected without the namespace file). Returns the target or every configuration error, each with a hint; an
/// empty list if only the unreadable token could name the target, since the caller reports that file.
///
/// In node mode it is the pod whose LIST is the consistent read of the newest version (node_pods_source), which
/// need not exist: our own if its name is known, in TARGET_NAMESPACE if only that may be read.
std::variant<target_pod, config::configuration_errors> resolve_target(const config::config& settings,
                                                                      const token_claims& claims, token_state token,
                                                                      const namespace_file& file);

/// PURE. The uid that the target must have: the token's, if the token is bound to the target; otherwise empty.
std::string bound_uid(const pod_name& pod, const token_claims& claims);

/// PURE. REQUIRE, in the words of the evaluation.
health::requirement requirement_of(const config::config& settings);

/// PURE. UNHEALTHY_STATUS and DRAIN_STATUS.
health::unhealthy_statuses statuses_of(const config::config& settings) noexcept;

}  // namespace sidecar::kube
