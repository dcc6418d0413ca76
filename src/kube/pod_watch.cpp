#include "sidecar/kube/pod_watch.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <optional>
#include <utility>

#include "sidecar/kube/api_endpoint.hpp"
#include "sidecar/kube/classify.hpp"
#include "sidecar/kube/request.hpp"
#include "sidecar/kube/watch_line_reader.hpp"
#include "sidecar/net/deadline.hpp"

namespace sidecar::kube {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using health::reason;
using manner = watch_end::manner;

/// How long after the requested end of a watch we wait for the server to end it.
constexpr std::chrono::seconds end_tolerance{30};

watch_end lost(reason why, std::string detail) { return {manner::lost, {why, std::move(detail), {}}}; }

watch_end closed() { return lost(reason::api_unreachable, "closed"); }

watch_end end_of(const api_response& refusal) {
  if (is_expiry(refusal)) return {manner::expired, refusal_of(refusal)};
  if (refusal.status == 410) return lost(reason::api_protocol, "HTTP 410 without a complete Status");
  return {manner::refused, refusal_of(refusal)};
}

/// The timeout for the rest of a refusal, by its status; empty without a refusal, since an accepted watch lasts.
std::optional<std::chrono::nanoseconds> refusal_timeout(const api_response& so_far,
                                                        const api_client_settings& settings) {
  if (is_known_by_status(so_far)) return settings.limits.explanation;
  if (so_far.status == 404 || so_far.status == 410) return settings.timeout;
  return std::nullopt;
}

/// The failure for a malformed response to the watch.
failure unreadable(const error_code& problem, const response_limits& limits) {
  if (problem == boost::beast::http::error::body_limit) {
    return excess_failure("an event of the watch", {.bytes = limits.body, .limit = limits.body});
  }
  return protocol_failure("bad response to the watch: " + problem.message());
}

class api_watch final : public pod_watch {
 public:
  api_watch(api_endpoint& endpoint, const api_client_settings& settings, std::string request,
            std::chrono::seconds length)
      : endpoint_(endpoint),
        settings_(settings),
        request_(std::move(request)),
        opening_(endpoint.executor(), settings.timeout),
        whole_(endpoint.executor(), settings.timeout + length + end_tolerance),
        lines_(settings.limits) {}

  asio::awaitable<watch_step> next() override;
  void close() override {
    is_closed_ = true;
    opening_.expire();
    whole_.expire();
  }
  bool is_outdated() const override {
    return connection_ && connection_->ca_generation != endpoint_.credentials().ca_generation();
  }

 private:
  asio::awaitable<std::optional<watch_end>> open();
  std::optional<watch_step> take_line();
  watch_end broken_off(watch_end otherwise);
  void bound_refusal();

  api_endpoint& endpoint_;
  const api_client_settings& settings_;
  std::string request_;
  net::deadline opening_;  ///< until the request is sent
  net::deadline whole_;
  watch_line_reader lines_;
  std::optional<api_endpoint::connection> connection_;  ///< once the request is sent
  std::optional<net::deadline> refusal_limit_;
  std::optional<net::deadline::guard> on_refusal_limit_;
  result<watch_line_reader::progress> state_ = watch_line_reader::progress::need_more;  ///< of the response
  bool is_accepted_ = false;  ///< and next() has returned watch_accepted
  bool is_closed_ = false;
};

asio::awaitable<watch_step> api_watch::next() {
  if (!connection_) {
    auto unopened = co_await open();
    if (is_closed_) co_return closed();
    if (unopened) co_return std::move(*unopened);
  }
  auto& stream = *connection_->stream;
  const net::deadline::guard expire(whole_, [&stream] { stream.expire(); });
  // The size of a TLS record: events of one record are delivered together, before any query is answered.
  std::array<char, 16384> buffer;
  for (;;) {
    if (is_closed_) co_return closed();
    if (auto step = take_line()) co_return std::move(*step);
    if (!state_) co_return broken_off({manner::lost, unreadable(state_.error(), settings_.limits)});
    if (*state_ == watch_line_reader::progress::complete) {
      co_return is_accepted_ ? watch_end{manner::completed} : end_of(lines_.take());
    }
    bound_refusal();
    auto [failed, count] = co_await stream.read_some(asio::buffer(buffer));
    if (is_closed_) co_return closed();
    if (failed && whole_.has_passed())
      co_return lost(reason::api_timeout, "the API server did not end the watch in time");
    if (failed) co_return broken_off(lost(reason::api_unreachable, "the watch broke off: " + failed.message()));
    state_ = lines_.feed({buffer.data(), count});
  }
}

/// The incomplete refusal, if its status is meaningful, else `otherwise`.
watch_end api_watch::broken_off(watch_end otherwise) {
  const auto refusal = lines_.take_unfinished();
  return refusal ? end_of(*refusal) : otherwise;
}

void api_watch::bound_refusal() {
  const auto limit = refusal_timeout(lines_.refusal_so_far(), settings_);
  if (!limit || refusal_limit_) return;
  refusal_limit_.emplace(endpoint_.executor(), *limit);
  on_refusal_limit_.emplace(*refusal_limit_, [one = connection_->stream.get()] { one->expire(); });
}

/// Connects and sends the request.
asio::awaitable<std::optional<watch_end>> api_watch::open() {
  auto where = call_phase::lookup;
  auto made = co_await endpoint_.connect(opening_, where);
  if (auto* refused = std::get_if<api_endpoint::refusal>(&made)) {
    co_return watch_end{manner::lost, std::move(refused->problem)};
  }
  auto& fresh = std::get<api_endpoint::connection>(made);
  co_await endpoint_.wait_for_rate(opening_);
  if (opening_.has_passed()) {
    co_return watch_end{manner::lost, endpoint_.timeout_failure(call_phase::rate_limit)};
  }
  const net::deadline::guard expire(opening_, [one = fresh.stream.get()] { one->expire(); });
  request_ += endpoint_.closing_fields();
  const auto unsent = co_await fresh.stream->write(asio::buffer(request_));
  if (unsent && opening_.has_passed()) {
    co_return watch_end{manner::lost, endpoint_.timeout_failure(call_phase::request)};
  }
  if (unsent) co_return lost(reason::api_unreachable, "sending the watch: " + unsent.message());
  connection_.emplace(std::move(fresh));
  co_return std::nullopt;
}

/// The next step from bytes that have arrived; empty: more bytes are needed.
std::optional<watch_step> api_watch::take_line() {
  if (!lines_.is_accepted()) return std::nullopt;
  if (!std::exchange(is_accepted_, true)) return watch_accepted{};
  while (const auto line = lines_.next_line()) {
    auto outcome = read_watch_event(*line, settings_.pod);
    if (auto* bad = std::get_if<failure>(&outcome)) return watch_end{manner::lost, std::move(*bad)};
    auto& event = std::get<watch_event>(outcome);
    if (event.what == watch_event::type::error) {
      return watch_end{event.is_expired ? manner::expired : manner::lost,
                       {reason::api_error, "the API server ended the watch: " + event.detail, {}}};
    }
    if (event.what != watch_event::type::unknown) return std::move(event);
  }
  return std::nullopt;
}

class api_watch_source final : public watch_source {
 public:
  api_watch_source(asio::any_io_executor executor, api_client_settings settings, service_account& credentials)
      : settings_(std::move(settings)),
        endpoint_(std::move(executor), settings_.url, settings_.timeout, settings_.limiter, credentials) {}

  std::shared_ptr<pod_watch> watch(std::string version, std::chrono::seconds length) override {
    auto request = render_watch(settings_.pod, version, length, endpoint_.authority(), settings_.user_agent);
    return std::make_shared<api_watch>(endpoint_, settings_, std::move(request), length);
  }
  bool is_looking_up() const noexcept override { return endpoint_.is_looking_up(); }

 private:
  api_client_settings settings_;
  api_endpoint endpoint_;
};

}  // namespace

std::unique_ptr<watch_source> create_watch_source(asio::any_io_executor executor, api_client_settings settings,
                                                  service_account& credentials) {
  return std::make_unique<api_watch_source>(std::move(executor), std::move(settings), credentials);
}

}  // namespace sidecar::kube
