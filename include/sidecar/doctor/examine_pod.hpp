#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sidecar/config/config.hpp"
#include "sidecar/config/load.hpp"
#include "sidecar/doctor/finding.hpp"
#include "sidecar/health/verdict.hpp"
#include "sidecar/kube/token_claims.hpp"

namespace sidecar::doctor {

/// The options that the doctor was called with, and where they come from.
struct given_options {
  config::config config;
  config::environment variables{};
  config::flags flags{};
};

struct pod_examination {
  findings found;
  config::config settings;  ///< the sidecar's own: its container may have arguments
  std::optional<health::verdict> verdict{};
};

/// PURE. Everything that the pod's own JSON shows: the pod, its containers, the verdict, the configuration errors in
/// its spec. `json` is that of a v1.Pod which parse_pod reads. `node_drain`: why its node is leaving; empty: it is not,
/// or that is unknown.
pod_examination examine_pod(std::string_view json, const kube::token_claims& claims, const given_options& options,
                            const std::string& node_drain = {});

}  // namespace sidecar::doctor
