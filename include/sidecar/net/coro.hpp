#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <string>
#include <string_view>

namespace sidecar::net {

/// The one completion token: expected failures arrive as values, never as exceptions.
inline constexpr auto use_result = boost::asio::as_tuple(boost::asio::use_awaitable);

/// What an exception says of itself; `error` holds one.
std::string what_of(const std::exception_ptr& error);

/// The completion handler of detached coroutines: an exception that leaves one is a bug, and must be heard of.
struct log_exception {
  std::string_view where;  ///< "a connection"; a literal

  void operator()(std::exception_ptr error) const noexcept;
};

}  // namespace sidecar::net
