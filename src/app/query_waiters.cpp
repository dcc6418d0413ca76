#include "sidecar/app/query_waiters.hpp"

#include <algorithm>

#include "sidecar/net/coro.hpp"

namespace sidecar::app {

namespace asio = boost::asio;

asio::awaitable<void> query_waiters::wait(batch_ptr joined, time_point deadline, std::string_view container) {
  if (joined && joined->outcome) co_return;
  waiter one(executor_, joined.get(), container);
  waiting_.push_back(one);
  one.timer.expires_after(std::max(deadline - boottime_clock::now(), boottime_clock::duration::zero()));
  co_await one.timer.async_wait(net::use_result);
}

void query_waiters::wake(const batch& ended) {
  for (auto& one : waiting_) {
    if (one.joined == &ended) one.timer.cancel();
  }
}

void query_waiters::wake_all() {
  for (auto& one : waiting_) one.timer.cancel();
}

std::vector<std::string_view> query_waiters::containers(const batch& joined) const {
  std::vector<std::string_view> named;
  for (const auto& one : waiting_) {
    if (one.joined == &joined) named.push_back(one.container);
  }
  return named;
}

}  // namespace sidecar::app
