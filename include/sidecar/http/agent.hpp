#pragma once

#include <memory>
#include <string>

#include "sidecar/health/verdict.hpp"
#include "sidecar/http/session.hpp"
#include "sidecar/net/peer_socket.hpp"

namespace sidecar::http {

/// What HAProxy's agent check is told, one line (HAProxy configuration manual, "agent-check"): `up ready`, `up drain`
/// for a target that leaves and is ready still, `down #<Reason>`, or an empty line where nothing is known, which
/// changes nothing. Only the agent can take its own words back, so `up` undoes a `down` and `ready` a `drain`. Pure.
std::string agent_line(const health::answer& answer);

/// Tells one client of the agent port, without waiting for what it may have to say, and closes. It begins with its
/// first turn.
std::unique_ptr<net::turn_taker> make_agent_session(net::peer_socket&& socket, session_context& context);

}  // namespace sidecar::http
