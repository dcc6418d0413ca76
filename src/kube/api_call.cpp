#include "sidecar/kube/api_call.hpp"

#include <chrono>
#include <utility>

#include "sidecar/base/random_fraction.hpp"
#include "sidecar/kube/call_phase.hpp"

namespace sidecar::kube {

namespace asio = boost::asio;
using health::reason;

namespace {

/// A connection's life is +-20 %, so that sidecars that started together do not reconnect together.
api_client_settings jittered(api_client_settings settings) {
  settings.max_life =
      std::chrono::duration_cast<std::chrono::seconds>(settings.max_life * (0.8 + 0.4 * random_fraction()()));
  return settings;
}

}  // namespace

api_channel::api_channel(const asio::any_io_executor& executor, api_client_settings settings,
                         service_account& credentials)
    : endpoint(executor, jittered(std::move(settings)), credentials), mutex(executor) {}

asio::awaitable<api_channel::permit> api_channel::wait_for_permit() {
  auto claim = rate_limiter::make_claim(endpoint.settings().limiter, endpoint.settings().priority);
  auto lock = co_await mutex.acquire();
  const net::deadline no_limit(endpoint.executor());
  const auto started = co_await endpoint.wait_for_rate(no_limit);
  co_return permit{std::move(lock), started, std::move(claim)};
}

/// Once more right before each request: the token or the CA bundle may have been rotated since the batch was prepared.
asio::awaitable<std::optional<failure>> api_call::make_ready() {
  endpoint_.refresh_credentials();
  auto& connection = channel_.connection;
  while (!limit_->has_passed()) {
    const auto generation = endpoint_.credentials().ca_generation();
    if (!connection) {
      auto problem = co_await connect();
      if (problem) co_return problem;
    } else if (!connection->is_usable(generation, boottime_clock::now())) {
      // A new connection that the server closed before its first request: another would end the same way, so the call
      // fails instead of reconnecting until its deadline.
      const bool was_closed_before_use = connection->is_new() && !connection->is_outdated(generation);
      connection.reset();
      if (!was_closed_before_use) continue;
      co_return failure{reason::api_unreachable,
                        "before the response: the server closed the connection or sent unsolicited bytes",
                        {}};
    } else if (endpoint_.settings().limiter->is_latest(started_)) {
      co_return std::nullopt;
    } else {
      co_await wait_for_rate();
    }
  }
  co_return endpoint_.timeout_failure(where_, *limit_);
}

asio::awaitable<std::optional<failure>> api_call::connect() {
  auto made = co_await endpoint_.connect(*limit_, where_);
  if (auto* fresh = std::get_if<api_endpoint::connection>(&made)) {
    channel_.connection.emplace(std::move(*fresh), endpoint_.settings(), boottime_clock::now());
    co_return std::nullopt;
  }
  auto& refused = std::get<api_endpoint::refusal>(made);
  const auto cause = refused.is_untrusted ? attempt_outcome::untrusted : attempt_outcome::failed;
  const bool again = co_await may_retry(cause);
  if (again) co_return std::nullopt;
  co_return std::move(refused.problem);
}

/// Whether a failed attempt is retried; waits for the rate limit.
asio::awaitable<bool> api_call::may_retry(attempt_outcome last) {
  if (!policy_.allows_retry(last)) co_return false;
  auto& credentials = endpoint_.credentials();
  const bool is_plain = !endpoint_.settings().url.tls;
  if (last == attempt_outcome::unauthorized && (is_plain || !credentials.refresh_token(true))) co_return false;
  if (last == attempt_outcome::untrusted && !credentials.refresh_ca(true)) co_return false;
  co_await wait_for_rate();
  co_return true;
}

asio::awaitable<void> api_call::wait_for_rate() {
  where_ = call_phase::rate_limit;
  started_ = co_await endpoint_.wait_for_rate(*limit_);
}

asio::awaitable<outcome<api_response>> api_call::request(std::string_view target, body_reader* into) {
  for (;;) {
    auto unready = co_await make_ready();
    if (unready) co_return std::move(*unready);
    started_ = boottime_clock::now();
    endpoint_.settings().limiter->note_start(started_);
    claim_.end();
    const auto bytes = endpoint_.render(target);
    auto exchange = co_await channel_.connection->round_trip(bytes, *limit_, where_, into);
    if (channel_.connection->is_spent()) channel_.connection.reset();
    const bool again = co_await may_retry(exchange.outcome);
    if (again) continue;
    if (exchange.response) co_return std::move(*exchange.response);
    co_return exchange.problem ? std::move(*exchange.problem) : endpoint_.timeout_failure(where_, *limit_);
  }
}

void api_call::count(verb what, std::optional<reason> why) {
  endpoint_.settings().statistics->note(what, begun_, boottime_clock::now(), why);
}

}  // namespace sidecar::kube
