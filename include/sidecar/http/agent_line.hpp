#pragma once

#include <string>

#include "sidecar/health/verdict.hpp"

namespace sidecar::http {

/// PURE. The answer to HAProxy's agent check (HAProxy configuration manual, "agent-check"), one line: `up ready`, `up
/// drain` for a target that is leaving and still ready, `down #<Reason>`, or an empty line for an unknown state, which
/// changes nothing. HAProxy keeps each word until the agent revokes it: `up` revokes `down`, `ready` revokes `drain`.
std::string agent_line(const health::answer& answer);

}  // namespace sidecar::http
