#pragma once

#include <string>
#include <vector>

#include "sidecar/config/config.hpp"
#include "sidecar/doctor/finding.hpp"
#include "sidecar/doctor/permission_check.hpp"
#include "sidecar/kube/target.hpp"

/// PURE. What is answered for, and in node mode whether its pods may be read.
namespace sidecar::doctor {

/// A pod, or the pods of a node.
finding describe_target(const config::config& settings, const kube::target_pod& target);

/// Errors of kube::resolve_target: a fact, then ". " and what to do.
findings target_errors(const std::vector<std::string>& errors);

/// `facts.pod` is a namespace, or empty for all of them; it names no pod.
findings check_node_permissions(const access_facts& facts);

}  // namespace sidecar::doctor
