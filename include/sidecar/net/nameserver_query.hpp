#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <vector>

#include "sidecar/net/lookup_plan.hpp"

namespace sidecar::net {

/// What one step of a lookup_plan brought.
struct query_result {
  lookup_plan::outcome what = lookup_plan::outcome::failed;
  std::vector<boost::asio::ip::tcp::endpoint> addresses;  ///< with port 0
};

/// Reads resolv.conf, for this thread's queries.
resolver_settings read_resolver_settings();

/// Blocks, for a second at most. Call read_resolver_settings on this thread before.
query_result ask_nameserver(const lookup_plan::step& wanted);

}  // namespace sidecar::net
