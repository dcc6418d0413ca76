#pragma once

#include "sidecar/base/json_writer.hpp"
#include "sidecar/status/facts.hpp"

namespace sidecar::status {

/// Writes who checks, the most recent first: what each client asks, how often, what it was told, and what is odd about
/// it (http::remarks).
void write_clients(json::writer& out, const client_facts& clients, const moment& now);

}  // namespace sidecar::status
