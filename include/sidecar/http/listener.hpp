#pragma once

#include <algorithm>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "sidecar/base/errc.hpp"
#include "sidecar/http/episode.hpp"
#include "sidecar/http/limits.hpp"

namespace sidecar::http {

/// Opens a listening socket. `[::]` takes IPv4 as well; where IPv6 is missing it becomes 0.0.0.0 if `fallback_allowed`,
/// which is for the default, not for an address somebody wrote down. The port is never shared with another process.
result<boost::asio::ip::tcp::acceptor> open_listener(boost::asio::any_io_executor executor,
                                                     const boost::asio::ip::address& address, std::uint16_t port,
                                                     bool fallback_allowed);

/// Raises the soft limit of open files as far as it goes; returns what it is now.
std::size_t raise_open_file_limit() noexcept;

/// How many connections may be open: the default, or less where files are scarce. Some are kept for the API server's
/// connection, the token's and the CA's file, the log, and Asio.
constexpr std::size_t connection_cap(std::size_t open_files) noexcept {
  constexpr std::size_t reserved = 32;
  constexpr std::size_t at_least = 1;
  const auto available = open_files > reserved ? open_files - reserved : 0;
  return std::clamp(available, at_least, limits{}.connections);
}

/// How long to wait after another failed accept: 5 ms, doubling to 1 s. Without it a process that is out of files
/// spins.
constexpr std::chrono::milliseconds next_pause(std::chrono::milliseconds previous) noexcept {
  using std::chrono::milliseconds;
  return previous == milliseconds(0) ? milliseconds(5) : std::min(previous * 2, milliseconds(1'000));
}

/// What to do and to say about failing accepts. At the edge of what the process may open, one succeeds between any two
/// that fail: all is well, and the pause short again, only after a second without a failure.
class accept_trouble {
 public:
  using time_point = std::chrono::steady_clock::time_point;
  struct reaction {
    std::chrono::milliseconds pause;  ///< before the next attempt
    bool tell;                        ///< the first failure for a while
  };

  constexpr reaction failed(time_point now) noexcept {
    if (episode_.ends(now)) pause_ = {};
    pause_ = next_pause(pause_);
    return {pause_, episode_.begins(now + pause_)};
  }

  /// True if connections are accepted again.
  constexpr bool accepted(time_point now) noexcept {
    if (!episode_.ends(now)) return false;
    pause_ = {};
    return true;
  }

  constexpr bool is_on() const noexcept { return episode_.is_on(); }

 private:
  episode episode_{std::chrono::seconds(1)};
  std::chrono::milliseconds pause_{0};
};

}  // namespace sidecar::http
