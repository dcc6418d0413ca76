#pragma once

#include <algorithm>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstddef>
#include <cstdint>

#include "sidecar/base/errc.hpp"
#include "sidecar/http/limits.hpp"

namespace sidecar::http {

/// Opens a listening socket. `[::]` accepts IPv4 too; without IPv6 it becomes 0.0.0.0 if `fallback_allowed` (for the
/// default, not for an address that was configured). The port is never shared with another process.
result<boost::asio::ip::tcp::acceptor> open_listener(boost::asio::any_io_executor executor,
                                                     const boost::asio::ip::address& address, std::uint16_t port,
                                                     bool fallback_allowed);

/// Raises the soft limit of open files to the hard limit; returns the limit.
std::size_t raise_open_file_limit() noexcept;

/// What serving takes beside the listening sockets: a client's connection, two to the API server, and a file.
inline constexpr std::size_t min_descriptors = 4;

/// True if so many more descriptors can be opened now.
bool can_open(std::size_t descriptors) noexcept;

/// How many connections may be open: the default, or less where files are scarce. Some are kept for the API server's
/// connection, the token's and the CA's file, the log, and Asio.
constexpr std::size_t connection_cap(std::size_t open_files) noexcept {
  constexpr std::size_t reserved = 32;
  constexpr std::size_t min_connections = 1;
  const auto available = open_files > reserved ? open_files - reserved : 0;
  return std::clamp(available, min_connections, limits{}.connections);
}

}  // namespace sidecar::http
