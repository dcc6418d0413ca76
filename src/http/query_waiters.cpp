#include "sidecar/http/query_waiters.hpp"

#include <algorithm>

#include "sidecar/net/coro.hpp"

namespace sidecar::http {

namespace asio = boost::asio;

asio::awaitable<void> query_waiters::wait(const void* awaited, time_point deadline, std::string_view container) {
  waiter one(executor_, awaited, container);
  waiting_.push_back(one);
  one.timer.expires_after(std::max(deadline - boottime_clock::now(), boottime_clock::duration::zero()));
  co_await one.timer.async_wait(net::use_result);
}

void query_waiters::wake(const void* ended) {
  for (auto& one : waiting_) {
    if (one.awaited == ended) one.timer.cancel();
  }
}

void query_waiters::wake_all() {
  for (auto& one : waiting_) one.timer.cancel();
}

std::vector<std::string_view> query_waiters::containers(const void* awaited) const {
  std::vector<std::string_view> named;
  for (const auto& one : waiting_) {
    if (one.awaited == awaited) named.push_back(one.container);
  }
  return named;
}

}  // namespace sidecar::http
