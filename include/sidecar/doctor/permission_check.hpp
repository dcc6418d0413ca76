#pragma once

#include <optional>
#include <string>

#include "sidecar/doctor/finding.hpp"
#include "sidecar/doctor/review.hpp"
#include "sidecar/kube/pod_name.hpp"
#include "sidecar/kube/token_claims.hpp"

/// PURE. Who we are, and what we may.
namespace sidecar::doctor {

/// For a call that failed, whatever it was for: 401 is the identity's, everything else the API server's.
finding check_failure(const kube::failure& problem);

/// `claims`: the token's own.
finding check_identity(const reviewed<known_user>& answer, const kube::token_claims& claims);

/// The reviews about one pod. No value: not done, or the API server did not say.
struct access_facts {
  kube::pod_name pod;
  std::string user;          ///< as the API server has it; empty: unknown
  bool needs_watch = false;  ///< SOURCE=watch
  std::optional<bool> get{};
  std::optional<bool> list{};
  std::optional<bool> watch{};
  std::string cannot_ask{};  ///< why there is nothing
  named_rules rules{};       ///< if `get` is refused
};

findings check_permissions(const access_facts& facts);

/// The same for node mode: `facts.pod` is a namespace, or empty for all of them; it names no pod.
findings check_node_permissions(const access_facts& facts);

/// The commands that make the Role and its RoleBinding.
std::string role_commands(const access_facts& facts);

/// Those that make the ClusterRole for nodes and its ClusterRoleBinding, named after the account's namespace: others
/// may have their own.
std::string cluster_role_commands(const std::string& user);

}  // namespace sidecar::doctor
