#include "sidecar/kube/api_client.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <random>
#include <utility>

#include "sidecar/kube/answer_memo.hpp"
#include "sidecar/kube/answer_reader.hpp"
#include "sidecar/kube/api_link.hpp"
#include "sidecar/net/coro.hpp"
#include "sidecar/net/event.hpp"
#include "sidecar/net/outbound_stream.hpp"
#include "sidecar/net/watchdog.hpp"

namespace sidecar::kube {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using health::reason;

/// One connection and what is known of it.
struct connection {
  std::shared_ptr<net::outbound_stream> stream;
  unsigned trust;  // the CA bundle's generation that it was verified against
  time_point opened;
  time_point last_used;
};

/// One call, shared by who waits for it and the coroutine that makes it.
struct call : call_state {
  call(asio::any_io_executor executor, std::function<void()> seal)
      : done(std::move(executor)), on_seal(std::move(seal)) {}

  void seal_once() {
    if (auto notify = std::exchange(on_seal, nullptr)) notify();
  }

  net::event done;
  std::function<void()> on_seal;
  std::optional<answer_reader> reader;  // of the attempt under way, once it has asked
  std::optional<fetch_result> outcome;
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

attempt failed_attempt(failure problem, attempt::remedy cure) { return {std::nullopt, {}, std::move(problem), cure}; }

attempt failed_attempt(reason why, std::string detail, attempt::remedy cure = attempt::remedy::none) {
  return failed_attempt(failure{why, std::move(detail), {}}, cure);
}

class client final : public api_client {
 public:
  client(asio::any_io_executor executor, api_client_settings settings, service_account& credentials);

  asio::awaitable<fetch_result> fetch_pod(std::function<void()> seal) override;
  bool is_looking_up() const noexcept override { return link_.is_looking_up(); }

 private:
  asio::awaitable<void> make_call(call_ptr current);
  asio::awaitable<fetch_result> attempts(call_ptr current);
  asio::awaitable<attempt> try_once(call_ptr current);
  asio::awaitable<std::optional<attempt>> connect(call_ptr current);
  asio::awaitable<attempt> ask(call_ptr current, bool reused);
  asio::awaitable<attempt> read_answer(call_ptr current, bool reused);

  void expire(const call_ptr& current);
  failure meaning_of_timeout(call& current) const;
  bool apply(const attempt& last, bool& tried_connection, bool& tried_ca);
  bool connection_is_fresh() const;
  void drop_connection();

  asio::any_io_executor executor_;
  api_client_settings settings_;
  api_link link_;
  std::optional<connection> connection_;
  std::chrono::seconds life_;
  std::string request_head_;
  answer_memo memo_;
};

/// A fleet that was started together must not reconnect together: +-20 %.
std::chrono::seconds jittered(std::chrono::seconds life) {
  std::minstd_rand random{std::random_device{}()};
  std::uniform_int_distribution<std::chrono::seconds::rep> percent{80, 120};
  return life * percent(random) / 100;
}

client::client(asio::any_io_executor executor, api_client_settings settings, service_account& credentials)
    : executor_(executor),
      settings_(std::move(settings)),
      link_(std::move(executor), settings_.url, connect_patience(settings_.timeout), settings_.pace, credentials),
      life_(jittered(settings_.longest_life)),
      request_head_(render_get(settings_.pod, link_.authority(), settings_.user_agent)),
      memo_(settings_.pod) {}

asio::awaitable<fetch_result> client::fetch_pod(std::function<void()> seal) {
  co_await link_.take_turn();
  auto current = std::make_shared<call>(executor_, std::move(seal));
  const net::watchdog watchdog(executor_, settings_.timeout, [this, current] { expire(current); });
  asio::co_spawn(executor_, make_call(current), net::log_exception{"a call to the API server"});
  co_await current->done.wait();
  if (!current->outcome) co_return failure{reason::api_timeout, {}, {}};
  co_return std::move(*current->outcome);
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
  link_.abandon_lookup();
  current->outcome = meaning_of_timeout(*current);
}

/// What has come may say all: then it is not for want of an answer that nothing is known.
failure client::meaning_of_timeout(call& current) const {
  const auto came = current.reader ? current.reader->take_unfinished() : std::nullopt;
  if (auto known = came ? meaning_of_unfinished(*came) : std::nullopt) return std::move(*known);
  auto detail = "no complete answer within " + std::to_string(settings_.timeout.count()) + " ms; stopped while " +
                std::string{name(current.where)};
  return link_.out_of_time(current.where, std::move(detail));
}

asio::awaitable<void> client::make_call(call_ptr current) {
  fetch_result outcome = failure{reason::api_unreachable, {}, {}};
  try {
    outcome = co_await attempts(current);
  } catch (const std::exception& error) {
    if (current->abandoned) co_return;
    drop_connection();
    outcome = failure{reason::api_unreachable, std::string{"an error of the sidecar's own: "} + error.what(), {}};
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
      again = link_.credentials().refresh_token(true);
    } else if (!last.answer) {
      again = apply(last, tried_connection, tried_ca);
    }
    if (!again) {
      if (!last.answer) co_return std::move(last.problem);
      auto meaning = memo_.classify(std::move(*last.answer));
      if (auto* problem = std::get_if<failure>(&meaning)) co_return std::move(*problem);
      co_return observation{std::move(std::get<health::pod_truth>(meaning)), last.started};
    }
    co_await link_.take_turn();
    if (current->abandoned) co_return std::move(last.problem);
  }
}

/// Whether a failed attempt is worth another, each kind of remedy once a call.
bool client::apply(const attempt& last, bool& tried_connection, bool& tried_ca) {
  if (last.cure == attempt::remedy::new_connection) return !std::exchange(tried_connection, true);
  if (last.cure == attempt::remedy::new_ca)
    return !std::exchange(tried_ca, true) && link_.credentials().refresh_ca(true);
  return false;
}

asio::awaitable<attempt> client::try_once(call_ptr current) {
  link_.refresh_credentials();
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

bool client::connection_is_fresh() const {
  // Whatever came since the last answer is no answer to what we are about to ask; most likely it is a goodbye.
  if (!connection_ || !connection_->stream->is_quiet()) return false;
  // A connection that was verified against the old bundle must not outlive it, whoever read the new one first.
  if (connection_->trust != link_.credentials().ca_generation()) return false;
  const auto now = boottime_clock::now();
  return now - connection_->last_used < settings_.longest_idle && now - connection_->opened < life_;
}

void client::drop_connection() {
  if (connection_) connection_->stream->close();
  connection_.reset();
}

asio::awaitable<std::optional<attempt>> client::connect(call_ptr current) {
  const std::shared_ptr<call_state> progress = current;
  const auto trust = link_.credentials().ca_generation();
  auto outcome = co_await link_.connect(progress);
  if (auto* refused = std::get_if<api_link::refusal>(&outcome)) {
    const auto cure = refused->is_untrusted ? attempt::remedy::new_ca : attempt::remedy::none;
    co_return failed_attempt(std::move(refused->problem), cure);
  }
  if (current->abandoned) co_return failed_attempt(reason::api_timeout, {});
  const auto now = boottime_clock::now();
  connection_ = connection{std::get<std::shared_ptr<net::outbound_stream>>(std::move(outcome)), trust, now, now};
  co_return std::nullopt;
}

asio::awaitable<attempt> client::ask(call_ptr current, bool reused) {
  current->where = call_phase::sending;
  const auto started = boottime_clock::now();
  connection_->last_used = started;
  // Again, so that requests are apart too when this one's connection took its time.
  link_.started(started);
  const auto request = request_head_ + link_.closing_fields();
  // A failed write is not final: the peer may have answered (and closed) before it read everything.
  const auto write_failed = co_await current->stream->write(asio::buffer(request));
  current->where = call_phase::waiting;
  auto outcome = co_await read_answer(current, reused);
  current->reader.reset();
  outcome.started = started;
  if (write_failed || !outcome.answer || !outcome.answer->reusable) {
    if (!current->abandoned) drop_connection();
  }
  co_return outcome;
}

/// The answer as far as it came, if that says anything; else `otherwise`.
attempt unfinished(answer_reader& reader, attempt otherwise) {
  auto answer = reader.take_unfinished();
  if (!answer) return otherwise;
  attempt made;
  made.answer = std::move(answer);
  return made;
}

asio::awaitable<attempt> client::read_answer(call_ptr current, bool reused) {
  auto& reader = current->reader.emplace(settings_.limits);
  std::array<char, 16384> buffer;  // a TLS record's worth
  std::optional<net::watchdog> patience;
  bool any_byte = false;
  for (;;) {
    auto [failed, count] = co_await current->stream->read_some(asio::buffer(buffer));
    if (current->abandoned) co_return failed_attempt(reason::api_timeout, {});
    if (failed) {
      const bool died_idle = reused && !any_byte;
      co_return unfinished(reader, failed_attempt(reason::api_unreachable,
                                                  (any_byte ? "in the middle of the answer: " : "before the answer: ") +
                                                      failed.message(),
                                                  died_idle ? attempt::remedy::new_connection : attempt::remedy::none));
    }
    any_byte = true;
    current->where = call_phase::reading;
    const auto progress = reader.feed({buffer.data(), count});
    if (!progress) {
      co_return unfinished(reader, failed_attempt(reason::api_protocol, "bad answer: " + progress.error().message()));
    }
    if (*progress == answer_reader::progress::complete) break;
    if (!patience && is_known_by_status(reader.so_far())) {
      patience.emplace(executor_, settings_.limits.explanation, [stream = current->stream] { stream->close(); });
    }
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
