#include "sidecar/leaving/node_poll.hpp"

#include <algorithm>

#include "sidecar/net/coro.hpp"

namespace sidecar::leaving {

namespace asio = boost::asio;

std::chrono::nanoseconds time_to_next_read(const kube::node_read& last, double random) {
  const bool is_denied = kube::failure_reason(last) == health::reason::api_forbidden;
  const std::chrono::duration<double> max_time{is_denied ? 60.0 : 9.0};
  return std::chrono::duration_cast<std::chrono::nanoseconds>(max_time * (1 - random / 10));
}

asio::awaitable<void> node_poll::run() {
  for (;;) {
    constexpr std::chrono::seconds min_pause{1};  // after a call that took long
    auto next = asio::steady_timer::time_point::max();
    if (!is_paused_) {
      const auto started = asio::steady_timer::clock_type::now();
      const auto wanted = drain_.node();
      const auto result = co_await nodes_.get_node(wanted);
      if (is_paused_ || wanted != drain_.node()) continue;  // a watch knows more, or the target is on another node
      result ? drain_.learn(result->found.state, result->found.observed) : drain_.note_failure(result.error());
      next =
          std::max(started + time_to_next_read(result, random_()), asio::steady_timer::clock_type::now() + min_pause);
    }
    timer_.expires_at(next);
    co_await timer_.async_wait(net::use_result);
  }
}

void node_poll::resume() {
  is_paused_ = false;
  read_now();
}

}  // namespace sidecar::leaving
