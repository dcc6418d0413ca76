#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <string>
#include <vector>

#include "sidecar/base/errc.hpp"

namespace sidecar::net {

using loop_resolver_handler =
    std::function<void(boost::system::error_code, const std::vector<boost::asio::ip::tcp::endpoint>&)>;

/// Looks a name up on the loop's own thread, for a process that can start no other: the loop stands still meanwhile, a
/// second at a stretch at most, and runs on between the steps of a lookup_plan. So a lookup of a name begins every 30 s
/// at most in an io_context, however many ask; in between they get what the last one brought.
/// `done` is called on the executor's thread, never from within this call: with addresses that have port 0, or with
/// host_not_found, or host_not_found_try_again where no nameserver could tell.
void resolve_on_loop(const boost::asio::any_io_executor& executor, const std::string& host, loop_resolver_handler done);

}  // namespace sidecar::net
