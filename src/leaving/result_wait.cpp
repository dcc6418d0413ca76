#include "sidecar/leaving/result_wait.hpp"

#include <algorithm>
#include <utility>

#include "sidecar/net/coro.hpp"

namespace sidecar::leaving {

namespace asio = boost::asio;

void result_wait::await(std::chrono::nanoseconds timeout) {
  is_awaited_ = true;
  limit_.expires_after(std::max(timeout, std::chrono::nanoseconds{0}));
}

bool result_wait::end() {
  limit_.cancel();
  return std::exchange(is_awaited_, false);
}

bool result_wait::is_pending() const { return is_awaited_ && limit_.expiry() > asio::steady_timer::clock_type::now(); }

/// Another result may be awaited meanwhile.
asio::awaitable<void> result_wait::wait() {
  while (is_pending()) co_await limit_.async_wait(net::use_result);
}

}  // namespace sidecar::leaving
