#pragma once

#include "sidecar/config/config.hpp"
#include "sidecar/doctor/finding.hpp"
#include "sidecar/doctor/pod_spec.hpp"

namespace sidecar::doctor {

/// PURE. The errors in the pod's spec about the status port of a sidecar with `settings`, added to `found`; none
/// without STATUS_LISTEN.
///
/// A probe of /readyz: its 200 means that the sidecar has read the pod, whatever the pod is like.
/// * readinessProbe of a container that counts: `fail`. The answer would depend on the sidecar, not on the container.
///
/// * readinessProbe of another container, the sidecar's included: `warn`. While the API server is away the pod is not
///   ready, and gets no traffic of a Service.
///
/// * startupProbe, livenessProbe of any container: `warn`. An outage of the API server holds up the pod's start, or
///   restarts the container.
///
/// A port that clients of the node reach, by hostNetwork or a hostPort: `warn`.
void find_status_port_errors(const pod_spec& pod, const config::config& settings, findings& found);

}  // namespace sidecar::doctor
