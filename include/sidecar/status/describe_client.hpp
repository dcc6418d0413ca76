#pragma once

#include "sidecar/base/json_writer.hpp"
#include "sidecar/status/facts.hpp"

namespace sidecar::status {

/// Writes who checks, the most recent first: each client's last request and its answer, how often it sends one, and
/// what is odd about it (http::remarks). A text that was cut ends in an ellipsis.
void write_clients(json::writer& out, const client_facts& clients, const moment& now);

}  // namespace sidecar::status
