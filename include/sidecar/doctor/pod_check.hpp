#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sidecar/base/json.hpp"
#include "sidecar/config/config.hpp"
#include "sidecar/doctor/finding.hpp"
#include "sidecar/doctor/pod_spec.hpp"
#include "sidecar/health/evaluate.hpp"
#include "sidecar/health/snapshot.hpp"
#include "sidecar/kube/token_claims.hpp"

/// PURE. The pod as the API server has it.
namespace sidecar::doctor {

/// Its identity, its conditions that are not true, and each container's state. `pod`: of read_pod_tree.
findings describe_pod(const json::value& pod, const pod_spec& spec);

/// Names of TARGET_CONTAINER that the pod has not, with the nearest one that it has.
findings check_targets(const pod_spec& pod, const config::config& settings);

/// The server's own verdict.
finding check_verdict(const health::pod_state& current, const health::target& wanted, const config::config& settings);

/// Of STATE_OVERRIDE, which is set.
finding override_finding();

/// Whether the token is that of the pod in which this process runs. `pod` null: unknown. Nothing: it is, or nothing
/// shows it.
std::optional<finding> check_token_owner(const kube::token_claims& claims, const config::config& settings,
                                         const pod_spec* pod);

/// What the running sidecar answered to a query for its configured target.
struct sidecar_answer {
  std::string url;
  unsigned status = 0;    ///< 0: none
  std::string reason{};   ///< the reason phrase
  bool is_held = false;   ///< X-Health-Held
  std::string problem{};  ///< why there is no answer
};

/// `expected`: the verdict found here; empty: unknown.
finding check_sidecar(const sidecar_answer& answer, const std::optional<health::verdict>& expected);

}  // namespace sidecar::doctor
