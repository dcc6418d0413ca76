#pragma once

#include "sidecar/app/probe_outcome.hpp"
#include "sidecar/app/probe_request.hpp"

namespace sidecar::app {

/// Sends the request once and waits for the response, `request.timeout` at most. A name is looked up in a thread; an IP
/// literal needs none. Call without an io_context of yours running; if a lookup does not end in time its thread is left
/// behind until the process exits.
probe_outcome query_once(const probe_request& request);

}  // namespace sidecar::app
