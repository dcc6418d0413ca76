#pragma once

#include "sidecar/base/json_writer.hpp"
#include "sidecar/health/snapshot.hpp"

namespace sidecar::status {

/// Writes the pod for the status page: its containers with their statuses, and its conditions. Null without a snapshot,
/// and for a pod that does not exist.
void write_pod(json::writer& out, const health::pod_state* known);

}  // namespace sidecar::status
