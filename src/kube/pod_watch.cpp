#include "sidecar/kube/pod_watch.hpp"

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/beast/http/error.hpp>
#include <optional>
#include <utility>
#include <variant>

#include "sidecar/kube/api_link.hpp"
#include "sidecar/kube/watch_reader.hpp"
#include "sidecar/net/coro.hpp"
#include "sidecar/net/event.hpp"
#include "sidecar/net/watchdog.hpp"

namespace sidecar::kube {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using health::reason;
using manner = watch_end::manner;

/// The server's clock ends a watch; ours only if the server does not.
constexpr std::chrono::seconds beyond_the_end{30};

/// One watch, shared by who waits for it and the coroutine that reads it.
struct watching : call_state {
  watching(const asio::any_io_executor& executor, pod_watch::listener to) : done(executor), listener(std::move(to)) {}

  net::event done;
  pod_watch::listener listener;
  std::optional<watch_end> end;
  bool sent = false;
};
using watching_ptr = std::shared_ptr<watching>;

watch_end lost(reason why, std::string detail) { return {manner::lost, {why, std::move(detail), {}}}; }

watch_end end_of(const api_answer& refusal) {
  if (is_expiry(refusal)) return {manner::expired, refusal_of(refusal)};
  if (refusal.status == 410) return lost(reason::api_protocol, "HTTP 410 without a complete Status");
  return {manner::refused, refusal_of(refusal)};
}

/// The refusal as far as it came, if that says anything; else `otherwise`.
watch_end unfinished(watch_reader& reader, watch_end otherwise) {
  const auto refusal = reader.take_unfinished();
  return refusal ? end_of(*refusal) : otherwise;
}

/// How long the rest of a refusal may take, by what has come of it; nothing while there is none. A watch that was
/// accepted lasts.
std::optional<std::chrono::nanoseconds> patience_with(const api_answer& so_far, const api_client_settings& settings) {
  if (is_known_by_status(so_far)) return settings.limits.explanation;
  if (so_far.status == 404 || so_far.status == 410) return settings.timeout;
  return std::nullopt;
}

/// Why what came is no watch.
failure meaning_of(const error_code& problem, const answer_limits& limits) {
  if (problem == boost::beast::http::error::body_limit) {
    return excess_failure("an event of the watch", {.bytes = limits.body, .limit = limits.body});
  }
  return protocol_failure("bad answer to the watch: " + problem.message());
}

class api_watch final : public pod_watch {
 public:
  api_watch(asio::any_io_executor executor, api_client_settings settings, service_account& credentials)
      : executor_(executor),
        settings_(std::move(settings)),
        link_(std::move(executor), settings_.url, connect_patience(settings_.timeout), settings_.pace, credentials) {}

  asio::awaitable<watch_end> watch(std::string from, std::chrono::seconds at_most, listener to) override;
  void stop() override {
    if (current_) give_up(*current_, lost(reason::api_unreachable, "stopped"));
  }
  bool is_outdated() const override { return trusted_ && trusted_ != link_.credentials().ca_generation(); }
  bool is_looking_up() const noexcept override { return link_.is_looking_up(); }

 private:
  asio::awaitable<void> run(watching_ptr current, std::string request);
  asio::awaitable<watch_end> attempt(watching_ptr current, std::string request);
  asio::awaitable<watch_end> read(watching_ptr current);
  std::optional<watch_end> take_in(watching& current, watch_reader& reader) const;
  void forget(watching& current);
  void give_up(watching& current, watch_end how);
  void expire(watching& current);

  asio::any_io_executor executor_;
  api_client_settings settings_;
  api_link link_;
  watching_ptr current_;
  std::optional<unsigned> trusted_;  // what the watch under way was verified against
};

asio::awaitable<watch_end> api_watch::watch(std::string from, std::chrono::seconds at_most, listener to) {
  auto current = std::make_shared<watching>(executor_, std::move(to));
  current_ = current;
  const net::watchdog opening(executor_, settings_.timeout, [this, current] {
    if (!current->sent) expire(*current);
  });
  const net::watchdog whole(executor_, settings_.timeout + at_most + beyond_the_end,
                            [this, current] { expire(*current); });
  auto request = render_watch(settings_.pod, from, at_most, link_.authority(), settings_.user_agent);
  try {
    asio::co_spawn(executor_, run(current, std::move(request)), net::log_exception{"a watch at the API server"});
    co_await current->done.wait();
  } catch (...) {  // no memory: nobody hears of this watch any more
    forget(*current);
    throw;
  }
  forget(*current);
  co_return current->end ? std::move(*current->end) : watch_end{};
}

asio::awaitable<void> api_watch::run(watching_ptr current, std::string request) {
  watch_end end;
  try {
    end = co_await attempt(current, std::move(request));
  } catch (const std::exception& error) {
    end = lost(reason::api_unreachable, std::string{"an error of the sidecar's own: "} + error.what());
  }
  if (current->abandoned) co_return;
  current->end = std::move(end);
  current->done.set();
}

asio::awaitable<watch_end> api_watch::attempt(watching_ptr current, std::string request) {
  link_.refresh_credentials();
  // Before the handshake, since another client may replace the bundle meanwhile.
  const auto trusted = link_.credentials().ca_generation();
  const std::shared_ptr<call_state> progress = current;
  auto outcome = co_await link_.connect(progress);
  if (current->abandoned) co_return watch_end{};
  if (auto* refused = std::get_if<api_link::refusal>(&outcome)) {
    co_return watch_end{manner::lost, std::move(refused->problem)};
  }
  trusted_ = trusted;
  co_await link_.take_turn();
  if (current->abandoned) co_return watch_end{};
  current->where = call_phase::sending;
  request += link_.closing_fields();
  const auto unsent = co_await current->stream->write(asio::buffer(request));
  if (current->abandoned) co_return watch_end{};
  if (unsent) co_return lost(reason::api_unreachable, "sending the watch: " + unsent.message());
  current->sent = true;
  current->where = call_phase::waiting;
  current->listener.sent();
  co_return co_await read(current);
}

asio::awaitable<watch_end> api_watch::read(watching_ptr current) {
  watch_reader reader(settings_.limits);
  std::optional<net::watchdog> patience;
  // A TLS record's worth: what came in one is told in one turn, before anybody is answered.
  std::array<char, 16384> buffer;
  for (;;) {
    auto [failed, count] = co_await current->stream->read_some(asio::buffer(buffer));
    if (current->abandoned) co_return watch_end{};
    if (failed) {
      co_return unfinished(reader, lost(reason::api_unreachable, "the watch broke off: " + failed.message()));
    }
    const auto progress = reader.feed({buffer.data(), count});
    auto ended = take_in(*current, reader);
    if (current->abandoned) co_return watch_end{};
    if (ended) co_return std::move(*ended);
    if (!progress) {
      co_return unfinished(reader, {manner::lost, meaning_of(progress.error(), settings_.limits)});
    }
    if (*progress == watch_reader::progress::complete) {
      co_return reader.is_accepted() ? watch_end{manner::completed} : end_of(reader.take());
    }
    const auto limit = patience_with(reader.refusal_so_far(), settings_);
    if (limit && !patience) patience.emplace(executor_, *limit, [stream = current->stream] { stream->close(); });
  }
}

/// Tells of the events that have come; the end of the watch, if one of them is that.
std::optional<watch_end> api_watch::take_in(watching& current, watch_reader& reader) const {
  if (reader.is_accepted() && current.where == call_phase::waiting) {
    current.where = call_phase::reading;
    current.listener.accepted();
  }
  while (!current.abandoned) {
    const auto line = reader.next_line();
    if (!line) break;
    const auto outcome = read_watch_event(*line, settings_.pod);
    if (const auto* bad = std::get_if<failure>(&outcome)) return watch_end{manner::lost, *bad};
    const auto& event = std::get<watch_event>(outcome);
    if (event.what == watch_event::type::error) {
      return watch_end{event.is_expired ? manner::expired : manner::lost,
                       {reason::api_error, "the API server ended the watch: " + event.detail, {}}};
    }
    if (event.what != watch_event::type::unknown) current.listener.told(event);
  }
  return std::nullopt;
}

void api_watch::expire(watching& current) {
  auto detail = "no end of the watch in time; stopped while " + std::string{name(current.where)};
  give_up(current, {manner::lost, link_.out_of_time(current.where, std::move(detail))});
}

void api_watch::forget(watching& current) {
  current.abandoned = true;
  if (current.stream) current.stream->close();
  current_.reset();
  trusted_.reset();
}

/// Completes the watch itself, so that no operation that hangs can keep anybody waiting.
void api_watch::give_up(watching& current, watch_end how) {
  if (current.done.is_set()) return;
  current.abandoned = true;
  current.done.set();
  if (current.stream) current.stream->close();
  link_.abandon_lookup();
  current.end = std::move(how);
}

}  // namespace

std::unique_ptr<pod_watch> create_pod_watch(asio::any_io_executor executor, api_client_settings settings,
                                            service_account& credentials) {
  return std::make_unique<api_watch>(std::move(executor), std::move(settings), credentials);
}

}  // namespace sidecar::kube
