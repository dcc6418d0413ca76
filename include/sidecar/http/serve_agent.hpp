#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>

#include "sidecar/health/verdict.hpp"
#include "sidecar/http/server_context.hpp"

namespace sidecar::http {

/// PURE. The answer to HAProxy's agent check (HAProxy configuration manual, "agent-check"), one line: `up ready`, `up
/// drain` for a target that is leaving and still ready, `down #<Reason>`, or an empty line, which changes nothing: for
/// an unknown state, a workload that is not on this node or not named, and in node mode a container that no pod has.
/// HAProxy keeps each word until the agent revokes it: `up` revokes `down`, `ready` revokes `drain`.
std::string agent_line(const health::answer& answer, config::run_mode mode = config::run_mode::sidecar);

/// Serves a client of the agent port: sends one line (agent_line), then closes. For a pod it reads no request. In node
/// mode the client's first line names the workload (HAProxy's agent-send, "demo/web\\n"); one that sends none in time
/// has named nothing.
boost::asio::awaitable<void> serve_agent(boost::asio::ip::tcp::socket accepted, boost::asio::ip::tcp::endpoint client,
                                         std::shared_ptr<server_context> server);

}  // namespace sidecar::http
