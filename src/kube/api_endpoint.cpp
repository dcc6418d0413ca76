#include "sidecar/kube/api_endpoint.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>

#include "sidecar/base/shortage.hpp"
#include "sidecar/config/parse.hpp"
#include "sidecar/net/certificate_failure.hpp"
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

/// The timeout for one address. A Service's address may lead to a server that is gone, and the next attempt to another
/// one, so it is short; but a distant server needs time to respond.
std::chrono::nanoseconds connect_timeout(std::chrono::nanoseconds call_timeout) {
  constexpr std::chrono::nanoseconds distant_server_timeout = std::chrono::milliseconds{500};
  return std::max(call_timeout / 5, std::min(call_timeout, distant_server_timeout));
}

api_endpoint::refusal unreachable(std::string detail) { return {{reason::api_unreachable, std::move(detail), {}}}; }

}  // namespace

api_endpoint::api_endpoint(asio::any_io_executor executor, config::api_url url, std::chrono::nanoseconds timeout,
                           std::shared_ptr<rate_limiter> limiter, service_account& credentials)
    : executor_(executor),
      url_(std::move(url)),
      timeout_(timeout),
      limiter_(std::move(limiter)),
      credentials_(credentials),
      addresses_(std::make_shared<net::resolver_cache>(executor, url_.host, url_.port)) {}

asio::awaitable<time_point> api_endpoint::wait_for_rate(const net::deadline& limit) {
  for (;;) {
    const auto now = boottime_clock::now();
    const auto left = limiter_->wait(now);
    const bool may_start = left <= std::chrono::nanoseconds::zero();
    if (may_start) limiter_->note_start(now);
    if (may_start || limit.has_passed()) co_return now;
    asio::steady_timer timer(executor_, left);
    const net::deadline::guard stop(limit, [&timer] { timer.cancel(); });
    co_await timer.async_wait(net::use_result);
  }
}

void api_endpoint::refresh_credentials() {
  if (!url_.tls) return;
  credentials_.refresh_token();
  credentials_.refresh_ca();
}

asio::awaitable<api_endpoint::connected> api_endpoint::connect(const net::deadline& limit, call_phase& where) {
  refresh_credentials();
  where = call_phase::lookup;
  auto found = co_await look_up(limit);
  if (limit.has_passed()) co_return refusal{timeout_failure(where)};
  if (!found) co_return unreachable(lookup_failure(found.error()));
  if (url_.tls && !credentials_.tls()) {
    co_return refusal{{reason::api_untrusted, "there is no usable CA bundle", {}}};
  }
  where = call_phase::connect;
  auto stream = co_await net::connect_in_turn(executor_, std::move(*found), connect_timeout(timeout_), limit);
  if (!stream) {
    addresses_->distrust();
    if (limit.has_passed()) co_return refusal{timeout_failure(where)};
    co_return unreachable("connecting: " + message_with_advice(stream.error()));
  }
  connection made{std::move(*stream), credentials_.ca_generation()};
  if (!url_.tls) {
    addresses_->trust();
    co_return made;
  }
  where = call_phase::tls_handshake;
  co_return co_await handshake(std::move(made), limit);
}

asio::awaitable<result<net::resolver_cache::addresses>> api_endpoint::look_up(const net::deadline& limit) {
  if (limit.has_passed()) co_return error_code{asio::error::timed_out};
  const net::deadline::guard leave(limit, [cache = addresses_] { cache->abandon(); });
  co_return co_await addresses_->find();
}

/// The TLS handshake. Another client may replace the CA bundle meanwhile.
asio::awaitable<api_endpoint::connected> api_endpoint::handshake(connection made, const net::deadline& limit) {
  auto& stream = *made.stream;
  const net::deadline::guard expire(limit, [&stream] { stream.expire(); });
  const std::string host{config::without_final_dot(url_.host)};
  const auto failed = co_await stream.handshake_as_client(credentials_.tls(), host);
  if (failed) {
    addresses_->distrust();
    if (limit.has_passed()) co_return refusal{timeout_failure(call_phase::tls_handshake)};
    co_return handshake_refusal(stream, failed);
  }
  addresses_->trust();
  co_return made;
}

api_endpoint::refusal api_endpoint::handshake_refusal(net::stream& stream, error_code problem) const {
  std::string verification_error = net::verification_failure(stream.native_tls());
  if (net::is_unreadable_certificate(problem)) verification_error = net::unreadable_certificate;
  if (verification_error.empty()) return unreachable("TLS handshake: " + message_with_advice(problem));
  return {{reason::api_untrusted, "the API server's certificate was refused: " + verification_error, {}}, true};
}

std::string api_endpoint::lookup_failure(const error_code& problem) const {
  auto text = "looking up " + url_.host + ": " + message_with_advice(problem);
  if (const auto refused = addresses_->thread_problem()) text += "; " + thread_refusal(refused);
  return text;
}

failure api_endpoint::timeout_failure(call_phase where) const {
  const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(timeout_).count();
  auto detail =
      "no complete response within " + std::to_string(limit) + " ms; stopped while " + std::string{describe(where)};
  const auto refused = addresses_->thread_problem();
  if (where != call_phase::lookup || !refused) return {reason::api_timeout, std::move(detail), {}};
  // Without a thread the nameserver was not queried at all, so a timeout would blame the wrong party.
  return {reason::api_unreachable, detail + "; " + thread_refusal(refused), {}};
}

std::string api_endpoint::authority() const {
  const auto host = config::bracketed(std::string{config::without_final_dot(url_.host)});
  const unsigned default_port = url_.tls ? 443 : 80;
  return url_.port == default_port ? host : host + ':' + std::to_string(url_.port);
}

std::string api_endpoint::closing_fields() const {
  std::string fields;
  if (url_.tls) fields.append("Authorization: Bearer ").append(credentials_.token()).append("\r\n");
  return fields.append("\r\n");
}

}  // namespace sidecar::kube
