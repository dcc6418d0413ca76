#include "sidecar/kube/object_watch.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>

#include "sidecar/kube/call_phase.hpp"
#include "sidecar/kube/classify.hpp"
#include "sidecar/kube/request.hpp"
#include "sidecar/kube/watch_line_reader.hpp"

namespace sidecar::kube {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using health::reason;
using manner = watch_end::manner;

/// What is watched: the request for it, and the reader of a line.
struct watched {
  std::function<std::string(std::string_view version, std::chrono::seconds length)> target;
  std::function<outcome<watch_event>(std::string_view line)> read;
};

/// The target pod, or in node mode the pods of workloads.
watched pods_of(const api_client_settings& settings) {
  const auto& label = settings.maintenance_label;
  if (settings.node.node.empty()) {
    return {[pod = settings.pod](auto version, auto length) { return watch_target(pod, version, length); },
            [pod = settings.pod, label](auto line) { return read_watch_event(line, pod, std::string_view{label}); }};
  }
  return {[node = settings.node](auto version, auto length) { return node_pods_watch_target(node, version, length); },
          [node = settings.node, label](auto line) {
            return read_watch_event(line, node, {std::string_view{label}, config::workload_label});
          }};
}

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

class api_watch final : public object_watch {
 public:
  api_watch(api_endpoint& endpoint, const watched& what, std::string target, std::chrono::seconds length)
      : endpoint_(endpoint),
        what_(what),
        target_(std::move(target)),
        opening_(endpoint.executor(), endpoint.settings().timeout),
        whole_(endpoint.executor(), endpoint.settings().timeout + length + end_tolerance),
        lines_(endpoint.settings().limits) {}

  asio::awaitable<watch_step> next() override;
  void close() override {
    state_ = state::closed;
    opening_.expire();
    whole_.expire();
  }
  bool is_outdated() const override {
    return connection_ && connection_->ca_generation != endpoint_.credentials().ca_generation();
  }

 private:
  enum class state : std::uint8_t { pending, accepted, closed };

  asio::awaitable<watch_step> read_step();
  asio::awaitable<std::optional<watch_end>> open();
  std::optional<watch_step> take_step();
  watch_end broken_off(watch_end otherwise);
  void count(const watch_step& step);

  api_endpoint& endpoint_;
  const watched& what_;
  std::string target_;
  net::deadline opening_;  ///< until the request is sent
  net::deadline whole_;
  watch_line_reader lines_;
  std::optional<api_endpoint::connection> connection_;  ///< once the request is sent
  result<watch_line_reader::progress> received_ = watch_line_reader::progress::need_more;
  state state_ = state::pending;
  time_point begun_ = boottime_clock::now();
};

asio::awaitable<watch_step> api_watch::next() {
  auto step = co_await read_step();
  count(step);
  co_return step;
}

/// A watch counts once: when it is accepted, or when it ends before that, unless we have closed it.
void api_watch::count(const watch_step& step) {
  const auto note = [this](std::optional<reason> failed) {
    endpoint_.settings().statistics->note(verb::watch, begun_, boottime_clock::now(), failed);
  };
  if (std::holds_alternative<watch_accepted>(step)) return note({});
  const auto* end = std::get_if<watch_end>(&step);
  if (end != nullptr && state_ == state::pending) note(end->why.why);
}

asio::awaitable<watch_step> api_watch::read_step() {
  if (!connection_) {
    auto unopened = co_await open();
    if (state_ == state::closed) co_return closed();
    if (unopened) co_return std::move(*unopened);
  }
  auto& stream = *connection_->stream;
  const net::deadline::guard expire(whole_, [&stream] { stream.expire(); });
  std::optional<net::deadline> refusal_limit;
  std::optional<net::deadline::guard> on_refusal_limit;
  // The size of a TLS record: events of one record are delivered together, before any query is answered.
  std::array<char, 16384> buffer;
  for (;;) {
    if (auto step = take_step()) co_return std::move(*step);
    if (const auto timeout = refusal_timeout(lines_.refusal_so_far(), endpoint_.settings());
        timeout && !refusal_limit) {
      refusal_limit.emplace(endpoint_.executor(), *timeout);
      on_refusal_limit.emplace(*refusal_limit, [&stream] { stream.expire(); });
    }
    auto [failed, count] = co_await stream.read_some(asio::buffer(buffer));
    if (!failed) {
      received_ = lines_.feed({buffer.data(), count});
    } else if (state_ != state::closed) {
      co_return whole_.has_passed()
          ? lost(reason::api_timeout, "the API server did not end the watch in time")
          : broken_off(lost(reason::api_unreachable, "the watch broke off: " + failed.message()));
    }
  }
}

/// The incomplete refusal, if its status is meaningful, else `otherwise`.
watch_end api_watch::broken_off(watch_end otherwise) {
  const auto refusal = lines_.take_unfinished();
  return refusal ? end_of(*refusal) : otherwise;
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
    co_return watch_end{manner::lost, endpoint_.timeout_failure(call_phase::rate_limit, opening_)};
  }
  const net::deadline::guard expire(opening_, [one = fresh.stream.get()] { one->expire(); });
  const auto request = endpoint_.render(target_);
  const auto unsent = co_await fresh.stream->write(asio::buffer(request));
  if (unsent && opening_.has_passed()) {
    co_return watch_end{manner::lost, endpoint_.timeout_failure(call_phase::request, opening_)};
  }
  if (unsent) co_return lost(reason::api_unreachable, "sending the watch: " + unsent.message());
  connection_.emplace(std::move(fresh));
  co_return std::nullopt;
}

/// The next step from what has been received; empty: more bytes are needed.
std::optional<watch_step> api_watch::take_step() {
  if (state_ == state::closed) return closed();
  if (lines_.is_accepted() && state_ == state::pending) {
    state_ = state::accepted;
    return watch_accepted{};
  }
  while (const auto line = lines_.next_line()) {
    auto event = what_.read(*line);
    if (!event) return watch_end{manner::lost, event.error()};
    if (event->what == watch_event::type::error) {
      return watch_end{event->is_expired ? manner::expired : manner::lost,
                       {reason::api_error, "the API server ended the watch: " + event->detail, {}}};
    }
    if (event->what != watch_event::type::unknown) return std::move(*event);
  }
  if (!received_) return broken_off({manner::lost, unreadable(received_.error(), endpoint_.settings().limits)});
  if (*received_ == watch_line_reader::progress::need_more) return std::nullopt;
  return state_ == state::accepted ? watch_end{manner::completed} : end_of(lines_.take());
}

class api_watch_source final : public watch_source {
 public:
  api_watch_source(asio::any_io_executor executor, api_client_settings settings, watched what,
                   service_account& credentials)
      : endpoint_(std::move(executor), std::move(settings), credentials), what_(std::move(what)) {}

  std::shared_ptr<object_watch> watch(std::string version, std::chrono::seconds length) override {
    return std::make_shared<api_watch>(endpoint_, what_, what_.target(version, length), length);
  }

 private:
  api_endpoint endpoint_;
  watched what_;
};

}  // namespace

std::unique_ptr<watch_source> create_watch_source(asio::any_io_executor executor, api_client_settings settings,
                                                  service_account& credentials) {
  auto what = pods_of(settings);
  return std::make_unique<api_watch_source>(std::move(executor), std::move(settings), std::move(what), credentials);
}

std::unique_ptr<watch_source> create_node_watch_source(asio::any_io_executor executor, api_client_settings settings,
                                                       const node_name& node, service_account& credentials) {
  watched what{[&node](auto version, auto length) { return watch_target(node, version, length); },
               [&node](std::string_view line) { return read_watch_event(line, node); }};
  return std::make_unique<api_watch_source>(std::move(executor), std::move(settings), std::move(what), credentials);
}

}  // namespace sidecar::kube
