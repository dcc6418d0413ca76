#include "sidecar/pod/fetch_loop.hpp"

#include <algorithm>
#include <utility>

#include "sidecar/net/coro.hpp"

namespace sidecar::pod {

namespace asio = boost::asio;

batch_ptr fetch_loop::join(time_point now) {
  if (!queue_.is_paused()) schedule_.note_query(now);
  timer_.cancel();
  return queue_.join(true);
}

void fetch_loop::pause() noexcept {
  queue_.pause(true);
  schedule_.forget_queries();
}

void fetch_loop::resume() {
  queue_.pause(false);
  timer_.cancel();
}

void fetch_loop::drain(std::chrono::nanoseconds period) {
  queue_.take_open();
  schedule_.drain(period);
  resume();
}

asio::awaitable<batch_ptr> fetch_loop::next() {
  for (;;) {
    const auto now = boottime_clock::now();
    if (auto refused = queue_.take_refused(now)) co_return refused;
    const auto refresh = due(now);
    if (refresh && *refresh <= now && !queue_.is_refused(now)) queue_.join(false);
    if (auto current = queue_.start(now)) {
      const auto result = co_await fetch(current);
      queue_.finish(current, evaluate(result), boottime_clock::now());
      co_return current;
    }
    co_await sleep(refresh, now);
  }
}

fetch_outcome fetch_loop::evaluate(const kube::fetch_result& result) const {
  if (!result) return {.failure = result.error()};
  return {.snapshot = cache_.evaluate(*result)};
}

asio::awaitable<kube::fetch_result> fetch_loop::fetch(batch_ptr current) {
  const auto call = co_await source_.begin_call();
  schedule_.note_fetch(boottime_clock::now());
  auto failed = co_await call->prepare();
  if (failed) co_return std::move(*failed);
  co_await net::yield();  // queries that have arrived by now still join this batch
  queue_.close(current);
  co_return co_await call->get_pod();
}

/// When a refresh is due; never while batches wait for the watch.
std::optional<time_point> fetch_loop::due(time_point now) noexcept {
  if (queue_.is_paused()) return std::nullopt;
  if (cache_.snapshot()) schedule_.note_snapshot();
  return schedule_.due(now);
}

/// Sleeps until a refresh is due or a query joins.
asio::awaitable<void> fetch_loop::sleep(std::optional<time_point> due, time_point now) {
  if (due) {
    timer_.expires_after(std::max<std::chrono::nanoseconds>(*due - now, min_sleep));
  } else {
    timer_.expires_at(asio::steady_timer::time_point::max());
  }
  co_await timer_.async_wait(net::use_result);
}

}  // namespace sidecar::pod
