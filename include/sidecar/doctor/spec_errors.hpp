#pragma once

#include <string_view>

#include "sidecar/config/config.hpp"
#include "sidecar/doctor/finding.hpp"
#include "sidecar/doctor/pod_spec.hpp"

namespace sidecar::doctor {

/// PURE. The configuration errors in a pod's own spec, as warnings; those about the sidecar's own container only if it
/// is known (null: unknown). `settings`: the sidecar's. Empty for a sound pod.
findings find_spec_errors(const pod_spec& pod, const container_spec* own, const config::config& settings);

/// PURE. The same for the sidecar that runs with `settings`, by the JSON of its pod or of a list of it; empty if that
/// cannot be read.
findings find_spec_errors(std::string_view json, const config::config& settings);

}  // namespace sidecar::doctor
