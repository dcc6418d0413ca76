#pragma once

#include "sidecar/probe/probe_outcome.hpp"
#include "sidecar/probe/probe_request.hpp"

namespace sidecar::probe {

/// Sends the request once and waits for the response, `request.timeout` at most. A name is looked up in a thread; an IP
/// literal needs none. Call without an io_context of yours running; if a lookup does not end in time its thread is left
/// behind until the process exits.
probe_outcome query_once(const probe_request& request);

}  // namespace sidecar::probe
