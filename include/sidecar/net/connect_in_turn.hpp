#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <memory>
#include <vector>

#include "sidecar/base/errc.hpp"
#include "sidecar/net/client_stream.hpp"
#include "sidecar/net/deadline.hpp"

namespace sidecar::net {

/// The timeout for one address in a call with that timeout. A Service's address may lead to a server that is gone, and
/// the next attempt to another one, so it is short; but a distant server needs time to respond.
std::chrono::nanoseconds attempt_timeout(std::chrono::nanoseconds call_timeout) noexcept;

/// Connects to the first of `addresses` that accepts a connection. An address that does not respond within
/// `attempt_timeout` is tried again after the others, until `limit` has passed; the new attempt has another source
/// port, and behind a Service's address another port may reach another server. Errors: those of the last attempt, or
/// timed_out.
boost::asio::awaitable<result<std::unique_ptr<client_stream>>> connect_in_turn(
    boost::asio::any_io_executor executor, std::vector<boost::asio::ip::tcp::endpoint> addresses,
    std::chrono::nanoseconds attempt_timeout, const deadline& limit);

}  // namespace sidecar::net
