#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "sidecar/base/clock.hpp"
#include "sidecar/base/errc.hpp"

namespace sidecar::net {

/// Looks a name up on the calling thread, for a process that may start no other thread. It blocks, so it queries only
/// the first nameserver, at most every 30 s for all callers; in between it returns the last result. A nameserver that
/// does not respond costs 2 s (the C library then skips the search list and tries the name itself once), one that
/// responds slowly up to 1 s for each name of the search list. A name that ends in a dot is looked up as it is, then
/// without the dot in /etc/hosts. Errors: the resolver's. Not thread-safe.
result<std::vector<boost::asio::ip::tcp::endpoint>> look_up_blocking(boost::asio::ip::tcp::resolver& resolver,
                                                                     const std::string& host, std::uint16_t port,
                                                                     time_point now);

}  // namespace sidecar::net
