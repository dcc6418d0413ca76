#include "sidecar/kube/api_client.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <random>
#include <utility>

#include "sidecar/kube/pacer.hpp"
#include "sidecar/net/coro.hpp"
#include "sidecar/net/event.hpp"
#include "sidecar/net/name_lookup.hpp"
#include "sidecar/net/stream.hpp"
#include "sidecar/net/watchdog.hpp"

namespace sidecar::kube {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using health::reason;

/// A connect that gets no answer is tried again from another port after a fifth of a call's time, but not before a far
/// away server could have answered.
std::chrono::milliseconds connect_patience(std::chrono::milliseconds timeout) {
  constexpr std::chrono::milliseconds far_away{500};
  return std::max(timeout / 5, std::min(timeout, far_away));
}

/// How far a call has got: what a timeout is blamed on.
enum class phase { looking_up, connecting, shaking_hands, sending, waiting, reading };

std::string_view name(phase where) {
  switch (where) {
    case phase::looking_up:
      return "looking up the API server's name";
    case phase::connecting:
      return "connecting";
    case phase::shaking_hands:
      return "in the TLS handshake";
    case phase::sending:
      return "sending the request";
    case phase::waiting:
      return "waiting for the answer";
    case phase::reading:
      return "reading the answer";
  }
  return "";
}

/// One connection and what is known of it.
struct connection {
  std::shared_ptr<net::stream> stream;
  time_point opened;
  time_point last_used;
};

/// One call, shared by who waits for it and the coroutine that makes it. After `abandoned` nobody waits any more.
struct call {
  call(asio::any_io_executor executor, std::function<void()> seal)
      : done(std::move(executor)), on_seal(std::move(seal)) {}

  void seal_once() {
    if (auto notify = std::exchange(on_seal, nullptr)) notify();
  }

  net::event done;
  std::function<void()> on_seal;
  std::optional<fetch_result> outcome;
  std::shared_ptr<net::stream> stream;  // the one in use, for the watchdog to close
  phase where = phase::looking_up;
  bool abandoned = false;
};
using call_ptr = std::shared_ptr<call>;

/// What one attempt came to: an answer, or a failure and what could mend it.
struct attempt {
  enum class remedy { none, new_connection, new_ca };

  std::optional<api_answer> answer;
  time_point started{};
  failure problem{reason::api_unreachable, {}, {}};
  remedy cure = remedy::none;
};

attempt failed_attempt(reason why, std::string detail, attempt::remedy cure = attempt::remedy::none) {
  return {std::nullopt, {}, failure{why, std::move(detail), {}}, cure};
}

class client final : public api_client {
 public:
  client(asio::any_io_executor executor, api_client_settings settings, service_account& credentials);

  asio::awaitable<fetch_result> fetch_pod(std::function<void()> seal) override;
  bool is_looking_up() const noexcept override { return lookup_->is_pending(); }

 private:
  asio::awaitable<void> wait_for_turn();
  asio::awaitable<void> make_call(call_ptr current);
  asio::awaitable<fetch_result> attempts(call_ptr current);
  asio::awaitable<attempt> try_once(call_ptr current);
  asio::awaitable<std::optional<attempt>> connect(call_ptr current);
  asio::awaitable<attempt> ask(call_ptr current, bool reused);
  asio::awaitable<attempt> read_answer(call_ptr current, bool reused);

  void expire(const call_ptr& current);
  void refresh_credentials();
  bool apply(const attempt& last, bool& tried_connection, bool& tried_ca);
  bool connection_is_fresh() const;
  void drop_connection();
  attempt handshake_failure(net::stream& stream, error_code problem) const;
  std::string render_request() const;

  asio::any_io_executor executor_;
  api_client_settings settings_;
  service_account& credentials_;
  pacer pacer_;
  std::shared_ptr<net::name_lookup> lookup_;
  std::optional<connection> connection_;
  std::chrono::seconds life_;
  std::string request_head_;
};

std::string authority(const config::api_url& url) {
  const auto host = config::bracketed(url.host);
  const unsigned usual = url.tls ? 443 : 80;
  return url.port == usual ? host : host + ':' + std::to_string(url.port);
}

/// A fleet that was started together must not reconnect together: +-20 %.
std::chrono::seconds jittered(std::chrono::seconds life) {
  std::minstd_rand random{std::random_device{}()};
  std::uniform_int_distribution<std::chrono::seconds::rep> percent{80, 120};
  return life * percent(random) / 100;
}

client::client(asio::any_io_executor executor, api_client_settings settings, service_account& credentials)
    : executor_(executor),
      settings_(std::move(settings)),
      credentials_(credentials),
      pacer_(settings_.calls_per_second),
      lookup_(std::make_shared<net::name_lookup>(executor, settings_.url.host, settings_.url.port)),
      life_(jittered(settings_.longest_life)),
      request_head_(render_get(settings_.pod, authority(settings_.url), settings_.user_agent)) {}

asio::awaitable<fetch_result> client::fetch_pod(std::function<void()> seal) {
  co_await wait_for_turn();
  pacer_.started(boottime_clock::now());
  auto current = std::make_shared<call>(executor_, std::move(seal));
  const net::watchdog watchdog(executor_, settings_.timeout, [this, current] { expire(current); });
  asio::co_spawn(executor_, make_call(current), net::log_exception{"a call to the API server"});
  co_await current->done.wait();
  if (!current->outcome) co_return failure{reason::api_timeout, {}, {}};
  co_return std::move(*current->outcome);
}

asio::awaitable<void> client::wait_for_turn() {
  for (;;) {
    const auto left = pacer_.wait(boottime_clock::now());
    if (left <= std::chrono::nanoseconds::zero()) co_return;
    asio::steady_timer timer(executor_, left);
    co_await timer.async_wait(net::use_result);
  }
}

/// The watchdog's bite: completes the call itself, so that no operation that hangs can keep anybody waiting.
void client::expire(const call_ptr& current) {
  // The answer came at the last moment: its waiter is about to be told.
  if (current->done.is_set()) return;
  current->abandoned = true;
  // First of all: whatever fails below, the waiter goes on.
  current->done.set();
  if (current->stream) current->stream->close();
  drop_connection();
  lookup_->abandon();
  auto detail = "no complete answer within " + std::to_string(settings_.timeout.count()) + " ms; stopped while " +
                std::string{name(current->where)};
  current->outcome = failure{reason::api_timeout, std::move(detail), {}};
}

asio::awaitable<void> client::make_call(call_ptr current) {
  fetch_result outcome = failure{reason::api_error, "internal error", {}};
  try {
    outcome = co_await attempts(current);
  } catch (const std::exception& error) {
    if (current->abandoned) co_return;
    drop_connection();
    outcome = failure{reason::api_error, std::string{"internal error: "} + error.what(), {}};
  }
  if (current->abandoned) co_return;
  current->outcome = std::move(outcome);
  current->done.set();
}

asio::awaitable<fetch_result> client::attempts(call_ptr current) {
  bool tried_connection = false;
  bool tried_ca = false;
  bool tried_token = false;
  for (;;) {
    auto last = co_await try_once(current);
    if (current->abandoned) co_return std::move(last.problem);
    bool again = false;
    if (last.answer && last.answer->status == 401 && settings_.url.tls && !tried_token) {
      tried_token = true;
      again = credentials_.refresh_token(true);
    } else if (!last.answer) {
      again = apply(last, tried_connection, tried_ca);
    }
    if (!again) {
      if (!last.answer) co_return std::move(last.problem);
      auto meaning = classify(*last.answer, settings_.pod);
      if (auto* problem = std::get_if<failure>(&meaning)) co_return std::move(*problem);
      co_return observation{std::move(std::get<health::pod_truth>(meaning)), last.started};
    }
    co_await wait_for_turn();
    if (current->abandoned) co_return std::move(last.problem);
    pacer_.started(boottime_clock::now());
  }
}

/// Whether a failed attempt is worth another, each kind of remedy once a call.
bool client::apply(const attempt& last, bool& tried_connection, bool& tried_ca) {
  if (last.cure == attempt::remedy::new_connection) return !std::exchange(tried_connection, true);
  if (last.cure == attempt::remedy::new_ca) return !std::exchange(tried_ca, true) && credentials_.refresh_ca(true);
  return false;
}

asio::awaitable<attempt> client::try_once(call_ptr current) {
  refresh_credentials();
  const bool reused = connection_is_fresh();
  if (!reused) {
    drop_connection();
    auto problem = co_await connect(current);
    if (problem) co_return std::move(*problem);
  }
  current->stream = connection_->stream;
  // One turn of the loop: those who woke up together with us still get into this batch.
  co_await asio::post(executor_, asio::use_awaitable);
  if (current->abandoned) co_return failed_attempt(reason::api_timeout, {});
  current->seal_once();
  co_return co_await ask(current, reused);
}

void client::refresh_credentials() {
  if (!settings_.url.tls) return;
  credentials_.refresh_token();
  // A connection that was verified against the old bundle must not outlive it.
  if (credentials_.refresh_ca()) drop_connection();
}

bool client::connection_is_fresh() const {
  // Whatever came since the last answer is no answer to what we are about to ask; most likely it is a goodbye.
  if (!connection_ || !connection_->stream->is_quiet()) return false;
  const auto now = boottime_clock::now();
  return now - connection_->last_used < settings_.longest_idle && now - connection_->opened < life_;
}

void client::drop_connection() {
  if (connection_) connection_->stream->close();
  connection_.reset();
}

asio::awaitable<std::optional<attempt>> client::connect(call_ptr current) {
  current->where = phase::looking_up;
  auto addresses = co_await lookup_->find();
  if (current->abandoned) co_return failed_attempt(reason::api_timeout, {});
  if (!addresses) {
    co_return failed_attempt(reason::api_unreachable,
                             "looking up " + settings_.url.host + ": " + addresses.error().message());
  }
  if (settings_.url.tls && !credentials_.tls()) {
    co_return failed_attempt(reason::api_untrusted, "there is no usable CA bundle");
  }
  current->where = phase::connecting;
  auto stream = std::make_shared<net::stream>(executor_, settings_.url.tls ? credentials_.tls() : nullptr);
  current->stream = stream;
  const auto unconnected = co_await stream->connect(std::move(*addresses), connect_patience(settings_.timeout));
  if (unconnected) {
    lookup_->distrust();
    co_return failed_attempt(reason::api_unreachable, "connecting: " + unconnected.message());
  }
  current->where = phase::shaking_hands;
  const auto unsecured = co_await stream->handshake(settings_.url.host);
  if (unsecured) co_return handshake_failure(*stream, unsecured);
  if (current->abandoned) co_return failed_attempt(reason::api_timeout, {});
  const auto now = boottime_clock::now();
  connection_ = connection{std::move(stream), now, now};
  co_return std::nullopt;
}

attempt client::handshake_failure(net::stream& stream, error_code problem) const {
  lookup_->distrust();
  const auto refusal = stream.verification_failure();
  stream.close();
  if (refusal.empty()) return failed_attempt(reason::api_unreachable, "TLS handshake: " + problem.message());
  return failed_attempt(reason::api_untrusted, "the API server's certificate was refused: " + refusal,
                        attempt::remedy::new_ca);
}

std::string client::render_request() const {
  auto request = request_head_;
  if (settings_.url.tls) request.append("Authorization: Bearer ").append(credentials_.token()).append("\r\n");
  return request.append("\r\n");
}

asio::awaitable<attempt> client::ask(call_ptr current, bool reused) {
  current->where = phase::sending;
  const auto started = boottime_clock::now();
  connection_->last_used = started;
  // Again, so that requests are apart too when this one's connection took its time.
  pacer_.started(started);
  const auto request = render_request();
  // A failed write is not final: the peer may have answered (and closed) before it read everything.
  const auto write_failed = co_await current->stream->write(asio::buffer(request));
  current->where = phase::waiting;
  auto outcome = co_await read_answer(current, reused);
  outcome.started = started;
  if (write_failed || !outcome.answer || !outcome.answer->reusable) {
    if (!current->abandoned) drop_connection();
  }
  co_return outcome;
}

asio::awaitable<attempt> client::read_answer(call_ptr current, bool reused) {
  answer_reader reader(settings_.limits);
  std::array<char, 16384> buffer;  // a TLS record's worth
  bool any_byte = false;
  for (;;) {
    auto [failed, count] = co_await current->stream->read_some(asio::buffer(buffer));
    if (failed) {
      const bool died_idle = reused && !any_byte && !current->abandoned;
      co_return failed_attempt(reason::api_unreachable,
                               (any_byte ? "in the middle of the answer: " : "before the answer: ") + failed.message(),
                               died_idle ? attempt::remedy::new_connection : attempt::remedy::none);
    }
    any_byte = true;
    current->where = phase::reading;
    const auto progress = reader.feed({buffer.data(), count});
    if (!progress) co_return failed_attempt(reason::api_protocol, "bad answer: " + progress.error().message());
    if (*progress == answer_reader::progress::complete) break;
  }
  attempt outcome;
  outcome.answer = reader.take();
  co_return outcome;
}

}  // namespace

std::unique_ptr<api_client> create_api_client(asio::any_io_executor executor, api_client_settings settings,
                                              service_account& credentials) {
  return std::make_unique<client>(std::move(executor), std::move(settings), credentials);
}

}  // namespace sidecar::kube
