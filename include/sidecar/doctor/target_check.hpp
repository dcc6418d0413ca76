#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "sidecar/config/config.hpp"
#include "sidecar/doctor/finding.hpp"
#include "sidecar/kube/target.hpp"

/// PURE. What is answered for.
namespace sidecar::doctor {

/// The pods of that namespace, in words; empty: of all.
std::string pods_of(const std::string& name_space);

/// A pod, or the pods of a node.
finding describe_target(const config::config& settings, const kube::target_pod& target);

/// Errors of kube::resolve_target: a fact, then ". " and what to do.
findings target_errors(const std::vector<std::string>& errors);

/// The checks that a failure made impossible, of those that MODE and NODE_DRAIN have: none of one pod in node mode, and
/// the node's only where it is read. Empty: there are none.
findings skipped_checks(const config::config& settings, std::initializer_list<std::string_view> made_impossible);

/// The API server says so.
finding no_such_pod(const kube::pod_name& pod);

}  // namespace sidecar::doctor
