#include "sidecar/kube/api_link.hpp"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <utility>

#include "sidecar/base/shortage.hpp"
#include "sidecar/net/coro.hpp"

namespace sidecar::kube {

namespace asio = boost::asio;
using boost::system::error_code;
using health::reason;

namespace {

std::string in_words(const error_code& problem) {
  auto text = problem.message();
  if (const auto remedy = descriptor_remedy(problem); !remedy.empty()) text.append("; ").append(remedy);
  return text;
}

std::string without_thread(const error_code& problem) {
  return "no thread can be started for it (" + problem.message() + "): " + std::string{thread_remedy(problem)};
}

}  // namespace

std::string_view name(call_phase where) noexcept {
  switch (where) {
    case call_phase::looking_up:
      return "looking up the API server's name";
    case call_phase::connecting:
      return "connecting";
    case call_phase::shaking_hands:
      return "in the TLS handshake";
    case call_phase::sending:
      return "sending the request";
    case call_phase::waiting:
      return "waiting for the answer";
    case call_phase::reading:
      return "reading the answer";
  }
  return "";
}

std::chrono::milliseconds connect_patience(std::chrono::milliseconds call_timeout) {
  constexpr std::chrono::milliseconds far_away{500};
  return std::max(call_timeout / 5, std::min(call_timeout, far_away));
}

api_link::api_link(asio::any_io_executor executor, config::api_url url, std::chrono::nanoseconds patience,
                   std::shared_ptr<pacer> pace, service_account& credentials)
    : executor_(executor),
      url_(std::move(url)),
      patience_(patience),
      pace_(std::move(pace)),
      credentials_(credentials),
      lookup_(std::make_shared<net::name_lookup>(executor, url_.host, url_.port)) {}

asio::awaitable<void> api_link::take_turn() {
  for (;;) {
    const auto now = boottime_clock::now();
    const auto left = pace_->wait(now);
    if (left <= std::chrono::nanoseconds::zero()) {
      pace_->started(now);
      co_return;
    }
    asio::steady_timer timer(executor_, left);
    co_await timer.async_wait(net::use_result);
  }
}

void api_link::refresh_credentials() {
  if (!url_.tls) return;
  credentials_.refresh_token();
  credentials_.refresh_ca();
}

asio::awaitable<api_link::connected> api_link::connect(std::shared_ptr<call_state> progress) {
  progress->where = call_phase::looking_up;
  auto addresses = co_await lookup_->find();
  if (progress->abandoned) co_return refusal{};
  if (!addresses) {
    co_return refusal{{reason::api_unreachable, lookup_failure(addresses.error()), {}}};
  }
  if (url_.tls && !credentials_.tls()) {
    co_return refusal{{reason::api_untrusted, "there is no usable CA bundle", {}}};
  }
  progress->where = call_phase::connecting;
  auto stream = std::make_shared<net::outbound_stream>(executor_, url_.tls ? credentials_.tls() : nullptr);
  progress->stream = stream;
  const auto unconnected = co_await stream->connect(std::move(*addresses), patience_);
  if (unconnected) {
    lookup_->distrust();
    co_return refusal{{reason::api_unreachable, "connecting: " + in_words(unconnected), {}}};
  }
  progress->where = call_phase::shaking_hands;
  const auto unsecured = co_await stream->handshake(std::string{config::without_final_dot(url_.host)});
  if (unsecured) co_return refused(*stream, unsecured);
  lookup_->trust();
  co_return stream;
}

/// What the lookup said, and what it lacked.
std::string api_link::lookup_failure(const error_code& problem) const {
  auto text = "looking up " + url_.host + ": " + in_words(problem);
  if (const auto refused = lookup_->thread_problem()) text += "; " + without_thread(refused);
  return text;
}

// A process that cannot start threads would blame a name server for ever.
failure api_link::out_of_time(call_phase where, std::string detail) const {
  const auto refused = lookup_->thread_problem();
  if (where != call_phase::looking_up || !refused) return {reason::api_timeout, std::move(detail), {}};
  return {reason::api_unreachable, std::move(detail) + "; " + without_thread(refused), {}};
}

api_link::refusal api_link::refused(net::outbound_stream& stream, error_code problem) {
  lookup_->distrust();
  const auto doubt = stream.verification_failure();
  const auto failure = stream.tls_failure();
  stream.close();
  if (doubt.empty()) {
    return {{reason::api_unreachable, "TLS handshake: " + (failure.empty() ? problem.message() : failure), {}}};
  }
  return {{reason::api_untrusted, "the API server's certificate was refused: " + doubt, {}}, true};
}

std::string api_link::authority() const {
  const auto host = config::bracketed(std::string{config::without_final_dot(url_.host)});
  const unsigned usual = url_.tls ? 443 : 80;
  return url_.port == usual ? host : host + ':' + std::to_string(url_.port);
}

std::string api_link::closing_fields() const {
  std::string fields;
  if (url_.tls) fields.append("Authorization: Bearer ").append(credentials_.token()).append("\r\n");
  return fields.append("\r\n");
}

}  // namespace sidecar::kube
