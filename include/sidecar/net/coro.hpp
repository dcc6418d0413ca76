#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>

namespace sidecar::net {

/// The completion token for all operations: expected failures are values, not exceptions.
inline constexpr auto use_result = boost::asio::as_tuple(boost::asio::use_awaitable);

/// The completion handler of detached coroutines: an exception that leaves one is a bug and propagates out of
/// io_context::run.
inline constexpr auto rethrow = [](std::exception_ptr error) {
  if (error) std::rethrow_exception(error);
};

/// Lets everything run that is ready to.
inline boost::asio::awaitable<void> yield() { return boost::asio::post(boost::asio::use_awaitable); }

}  // namespace sidecar::net
