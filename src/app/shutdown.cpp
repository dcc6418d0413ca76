#include "sidecar/app/shutdown.hpp"

#include <csignal>
#include <exception>
#include <optional>
#include <string>

#include "sidecar/app/app.hpp"
#include "sidecar/app/signals.hpp"
#include "sidecar/base/log.hpp"
#include "sidecar/net/coro.hpp"
#include "sidecar/net/deadline.hpp"

namespace sidecar::app {

namespace asio = boost::asio;

namespace {

/// The time for pending answers after the ports close. With the default drain that is nine seconds in all; `docker
/// stop` kills after ten.
constexpr std::chrono::milliseconds last_responses{1'000};
/// How often the number of open connections is checked meanwhile.
constexpr std::chrono::milliseconds poll_interval{20};

asio::awaitable<int> next_signal(asio::signal_set& signals) {
  for (;;) {
    const auto [failed, number] = co_await signals.async_wait(net::use_result);
    if (failed) co_return SIGTERM;  // signals cannot be received, so nothing else could end the process
    if (number != SIGHUP) co_return number;
    log::info("SIGHUP ignored: token, CA bundle and TLS files are read again whenever they change");
  }
}

/// Empty if none arrives in time.
asio::awaitable<std::optional<int>> next_signal_within(asio::signal_set& signals, std::chrono::milliseconds time) {
  const net::deadline limit(signals.get_executor(), time);
  const net::deadline::guard stop_waiting(limit, [&signals] { signals.cancel(); });
  while (!limit.has_passed()) {
    const auto [cancelled, number] = co_await signals.async_wait(net::use_result);
    if (!cancelled && number != SIGHUP) co_return number;
  }
  co_return std::nullopt;
}

int stop_at_once(int signal) {
  log::warn("stopping at once", {{"signal", signal == SIGTERM ? "SIGTERM" : "SIGINT"}});
  return 128 + signal;
}

}  // namespace

asio::signal_set handle_shutdown_signals(asio::io_context& context) {
  return asio::signal_set(context, SIGTERM, SIGINT, SIGHUP);
}

asio::awaitable<int> run_until_shutdown(asio::signal_set& signals, shutdown_parts parts,
                                        std::chrono::milliseconds drain) {
  unblock_signals();
  const int first = co_await next_signal(signals);
  if (first != SIGTERM) co_return stop_at_once(first);

  log::info("SIGTERM: every health check is unhealthy from now on, so that load balancers leave before the exit",
            {{"reason", "Draining"}, {"drain", std::to_string(drain.count()) + "ms"}});
  parts.role.drain();
  const auto during_drain = co_await next_signal_within(signals, drain);
  if (during_drain) co_return stop_at_once(*during_drain);

  parts.server.stop_accepting();
  parts.server.close_idle();
  for (auto left = last_responses; parts.server.connections() > 0; left -= poll_interval) {
    if (left <= std::chrono::milliseconds::zero()) {
      log::info("some clients keep their connections open; they are closed now");
      break;
    }
    const auto second_signal = co_await next_signal_within(signals, poll_interval);
    if (second_signal) co_return stop_at_once(*second_signal);
  }
  log::info("drain complete");
  co_return exit_clean;
}

bool run_loop(asio::io_context& loop) try {
  loop.run();
  return true;
} catch (const std::exception& error) {
  log::error("internal error; exiting, so that Kubernetes restarts the container: please report it",
             {{"error", error.what()}});
  return false;
}

}  // namespace sidecar::app
