#include "sidecar/kube/api_endpoint.hpp"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <utility>

#include "sidecar/base/shortage.hpp"
#include "sidecar/config/parse.hpp"
#include "sidecar/kube/request.hpp"
#include "sidecar/net/connect_in_turn.hpp"
#include "sidecar/net/coro.hpp"

namespace sidecar::kube {

namespace asio = boost::asio;
using boost::system::error_code;
using health::reason;

namespace {

std::string message_with_advice(const error_code& problem) {
  auto text = problem.message();
  if (const auto advice = descriptor_advice(problem); !advice.empty()) text.append("; ").append(advice);
  return text;
}

std::string thread_refusal(const error_code& problem) {
  return "no thread can be started for it (" + problem.message() + "): " + std::string{thread_advice(problem)};
}

api_endpoint::refusal unreachable(std::string detail) { return {{reason::api_unreachable, std::move(detail), {}}}; }

api_endpoint::refusal handshake_refusal(net::client_stream& stream, const error_code& problem) {
  const auto verification_error = net::certificate_refusal(stream.native_tls(), problem);
  if (verification_error.empty()) return unreachable("TLS handshake: " + message_with_advice(problem));
  return {{reason::api_untrusted, "the API server's certificate was refused: " + verification_error, {}}, true};
}

}  // namespace

api_endpoint::api_endpoint(asio::any_io_executor executor, api_client_settings settings, service_account& credentials)
    : executor_(executor),
      settings_(std::move(settings)),
      credentials_(credentials),
      addresses_(std::make_shared<net::resolver_cache>(executor, settings_.url.host, settings_.url.port)) {}

/// A background call lets others go first for a second: where there are as many queries as the rate allows, some call
/// waits for them at any time, and the node would never be read.
asio::awaitable<time_point> api_endpoint::wait_for_rate(const net::deadline& limit) {
  constexpr std::chrono::nanoseconds until_others_have_gone = std::chrono::milliseconds{1};
  const auto max_yield = std::min<std::chrono::nanoseconds>(std::chrono::seconds{1}, settings_.timeout / 2);
  const auto began = boottime_clock::now();
  auto& limiter = *settings_.limiter;
  const auto claim = rate_limiter::make_claim(settings_.limiter, settings_.priority);
  for (;;) {
    const auto now = boottime_clock::now();
    const bool must_yield = now - began < max_yield && limiter.must_yield(settings_.priority);
    const auto left =
        std::max(limiter.wait(now), must_yield ? until_others_have_gone : std::chrono::nanoseconds::zero());
    const bool may_start = left == std::chrono::nanoseconds::zero();
    if (may_start) limiter.note_start(now);
    if (may_start || limit.has_passed()) co_return now;
    asio::steady_timer timer(executor_, left);
    const net::deadline::guard stop(limit, [&timer] { timer.cancel(); });
    co_await timer.async_wait(net::use_result);
  }
}

void api_endpoint::refresh_credentials() {
  if (!settings_.url.tls) return;
  credentials_.refresh_token();
  credentials_.refresh_ca();
}

asio::awaitable<api_endpoint::connected> api_endpoint::connect(const net::deadline& limit, call_phase& where) {
  refresh_credentials();
  where = call_phase::lookup;
  if (limit.has_passed()) co_return refusal{timeout_failure(where, limit)};
  auto found = co_await net::find_within(addresses_, limit);
  if (limit.has_passed()) co_return refusal{timeout_failure(where, limit)};
  if (!found) {
    auto detail = "looking up " + settings_.url.host + ": " + message_with_advice(found.error());
    if (const auto refused = addresses_->thread_problem()) detail += "; " + thread_refusal(refused);
    co_return unreachable(std::move(detail));
  }
  if (settings_.url.tls && !credentials_.tls()) {
    co_return refusal{{reason::api_untrusted, "there is no usable CA bundle", {}}};
  }
  where = call_phase::connect;
  auto stream =
      co_await net::connect_in_turn(executor_, std::move(*found), net::attempt_timeout(settings_.timeout), limit);
  if (!stream) {
    addresses_->distrust();
    if (limit.has_passed()) co_return refusal{timeout_failure(where, limit)};
    co_return unreachable("connecting: " + message_with_advice(stream.error()));
  }
  connection made{std::move(*stream), credentials_.ca_generation()};
  if (!settings_.url.tls) {
    addresses_->trust();
    co_return made;
  }
  where = call_phase::tls_handshake;
  co_return co_await handshake(std::move(made), limit);
}

/// The TLS handshake. Another client may replace the CA bundle meanwhile.
asio::awaitable<api_endpoint::connected> api_endpoint::handshake(connection made, const net::deadline& limit) {
  auto& stream = *made.stream;
  const net::deadline::guard expire(limit, [&stream] { stream.expire(); });
  const std::string host{config::without_final_dot(settings_.url.host)};
  const auto failed = co_await stream.handshake(credentials_.tls(), host);
  if (failed) {
    addresses_->distrust();
    if (limit.has_passed()) co_return refusal{timeout_failure(call_phase::tls_handshake, limit)};
    co_return handshake_refusal(stream, failed);
  }
  addresses_->trust();
  co_return made;
}

failure api_endpoint::timeout_failure(call_phase where, const net::deadline& limit) const {
  const auto waited = std::chrono::duration_cast<std::chrono::milliseconds>(limit.length());
  auto detail = "no complete response within " + std::to_string(waited.count()) + " ms; stopped while " +
                std::string{to_string(where)};
  const auto refused = addresses_->thread_problem();
  if (where != call_phase::lookup || !refused) return {reason::api_timeout, std::move(detail), {}};
  // Without a thread the nameserver was not queried at all, so a timeout would blame the wrong party.
  return {reason::api_unreachable, detail + "; " + thread_refusal(refused), {}};
}

std::string api_endpoint::render(std::string_view target, std::string_view body) const {
  const auto& url = settings_.url;
  const auto token = url.tls ? std::optional<std::string_view>{credentials_.token()} : std::nullopt;
  return render_request(target, config::host_field(url.host, url.port, url.tls), settings_.user_agent, token, body);
}

}  // namespace sidecar::kube
