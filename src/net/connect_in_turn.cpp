#include "sidecar/net/connect_in_turn.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <deque>

namespace sidecar::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

asio::awaitable<error_code> connect(client_stream& one, tcp::endpoint address, std::chrono::nanoseconds attempt_timeout,
                                    const deadline& limit) {
  const deadline attempt(one.executor(), attempt_timeout);
  const deadline::guard limit_guard(limit, [&one] { one.expire(); });
  const deadline::guard attempt_guard(attempt, [&one] { one.expire(); });
  const auto failed = co_await one.connect(address);
  // The deadline may pass after the connect succeeded and before this coroutine resumes.
  co_return one.has_expired() ? asio::error::timed_out : failed;
}

}  // namespace

std::chrono::nanoseconds attempt_timeout(std::chrono::nanoseconds call_timeout) noexcept {
  constexpr std::chrono::nanoseconds distant_server_timeout = std::chrono::milliseconds{500};
  return std::max(call_timeout / 5, std::min(call_timeout, distant_server_timeout));
}

asio::awaitable<result<std::unique_ptr<client_stream>>> connect_in_turn(asio::any_io_executor executor,
                                                                        std::vector<tcp::endpoint> addresses,
                                                                        std::chrono::nanoseconds attempt_timeout,
                                                                        const deadline& limit) {
  std::deque<tcp::endpoint> queue(addresses.begin(), addresses.end());
  error_code failed = asio::error::host_not_found;
  while (!queue.empty() && !limit.has_passed()) {
    const auto address = queue.front();
    queue.pop_front();
    auto made = std::make_unique<client_stream>(executor);
    failed = co_await connect(*made, address, attempt_timeout, limit);
    if (!failed) co_return made;
    if (failed == asio::error::timed_out) queue.push_back(address);
  }
  co_return failed;
}

}  // namespace sidecar::net
